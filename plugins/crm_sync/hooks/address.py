"""The address at which browsers reach Airflow."""

from __future__ import annotations

from airflow.configuration import conf

from crm_sync.errors import ConfigError


def airflow_address() -> str:
    """Airflow's own base URL, without a trailing slash; a ConfigError if it is not set."""
    address = str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
    if not address:
        raise ConfigError(
            "Airflow does not know its own address; set AIRFLOW__API__BASE_URL to the same value in all its components"
        )
    return address
