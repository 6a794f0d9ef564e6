"""From an Airflow connection to what the engine works with: the only place that knows where credentials are kept."""
