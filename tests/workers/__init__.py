"""Two Celery workers at work on all providers, one of which dies in the middle of a load."""
