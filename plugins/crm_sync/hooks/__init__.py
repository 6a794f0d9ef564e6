"""From an Airflow connection to what the engine works with: the only place that knows where credentials are kept."""

# Before any hook: Airflow asks for our connection types, and so for all hooks, while it loads.
import airflow  # noqa: F401
