# Two stages: what builds (Node.js, gettext) stays behind; what runs is Python and our own files.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/base.txt requirements/run.txt requirements/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements/base.txt
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY package.json package-lock.json .npmrc ./
RUN /tools/bin/npm ci --omit=dev
COPY . .
RUN for po in locale/*/LC_MESSAGES/*.po; do /tools/bin/msgfmt --check-format --output-file="${po%.po}.mo" "$po"; done
# Collecting static files needs the settings to load, and nothing of what these throwaway values stand for.
RUN key=$(python -c "print('00' * 32)") && \
    SECRET_KEY=build LEDGER_KEYS=build:$key PERSONAL_DATA_KEYS=build:$key PERSONAL_DATA_INDEX_KEY=$key \
    DATABASE_URL=postgresql:///none REDIS_URL=redis://none STATIC_ROOT=/app/static-collected \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim
RUN useradd --system --create-home --uid 10001 hall && install -d -o hall -g hall -m 700 /data
COPY --from=build /venv /venv
COPY --from=build --chown=root:root /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 VAR_DIR=/data STATIC_ROOT=/app/static-collected
USER hall
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
