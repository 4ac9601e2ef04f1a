# Loaded with Django so that every `@shared_task` finds the application and its broker.
from config.celery import app as celery_app

__all__ = ["celery_app"]
