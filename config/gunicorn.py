"""How the web process listens: the same everywhere, numbers from the environment."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
# Nine photos over a slow telephone take their time; threads are not held up by it before the body is complete.
timeout = 120
graceful_timeout = 20
# A worker is replaced now and then, so that nothing it may leak grows for ever.
max_requests = 5000
max_requests_jitter = 500
accesslog = "-"
# Addresses that open somebody's matter stand there without what opens it, those of residents' computers shortened.
logger_class = "config.secret_addresses.AccessLogger"
# Without the query: it may hold what somebody searched for.
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
# Nobody steers a running web process through a socket in a home folder.
control_socket_disable = True
