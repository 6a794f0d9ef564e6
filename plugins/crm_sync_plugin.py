"""Airflow's plugin where crm_sync lies in its plugins folder. Where it is installed, its entry point brings the plugin,
and one that is loaded twice would be an import error."""

from importlib.metadata import entry_points

if not any(point.value.startswith("crm_sync.") for point in entry_points(group="airflow.plugins")):
    from crm_sync.plugin import CrmSyncPlugin  # noqa: F401  Airflow looks for it among this module's names
