"""Makes clients and databases from Airflow connections: the only package that knows where credentials are kept."""

# Imported before any hook: Airflow imports our connection types, and so all hooks, while it loads.
import airflow  # noqa: F401
