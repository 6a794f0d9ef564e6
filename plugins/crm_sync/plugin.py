"""What Airflow's UI gains: the sync page in its navigation, and a tab on each DAG run. Every Airflow process loads this
file, so it imports nothing that only the API server needs."""

from urllib.parse import urlparse

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from crm_sync.hooks import airflow_versions
from crm_sync.operators import future_dates
from crm_sync.pages import RUN_TAB
from crm_sync.web import PREFIX, ROUTE
from crm_sync.web.lazy_app import LazyApplication

# Where Airflow is served below a path, so are its plugins.
_BASE = urlparse(conf.get("api", "base_url", fallback="")).path.rstrip("/") + PREFIX


class CrmSyncPlugin(AirflowPlugin):
    """The sync page of CRM Sync."""

    name = "crm_sync"
    listeners = [future_dates, airflow_versions]  # noqa: RUF012
    fastapi_apps = [{"app": LazyApplication(), "url_prefix": PREFIX, "name": "CRM Sync"}]  # noqa: RUF012  as Airflow reads it
    external_views = [  # noqa: RUF012
        {
            "name": "CRM Sync",
            "href": f"{_BASE}/",
            "destination": "nav",
            "nav_top_level": True,
            "url_route": ROUTE,
            "icon": f"{_BASE}/static/icon.svg",
            "icon_dark_mode": f"{_BASE}/static/icon-dark.svg",
        },
        {
            "name": "Sync",
            "href": f"{_BASE}/run?dag_id={{DAG_ID}}&run_id={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": RUN_TAB,
        },
    ]
