"""A stage as an Airflow task: it opens what the stage needs, runs it, and answers with counts."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped

from crm_sync import providers
from crm_sync.hooks.discovery import account_hook
from crm_sync.operators.failures import told_to_airflow
from crm_sync.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context


log = logging.getLogger("crm_sync")


class SyncOperator(BaseOperator):
    """One stage of one provider's run. Its task id is the stage; it returns the run's id and the stage's counts."""

    ui_color = "#e8f1fa"

    def __init__(self, *, provider: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.provider = provider

    def execute(self, context: Context) -> dict[str, int]:
        """Run the stage; what follows an idle run or a dry run's plan is skipped."""
        from crm_sync.operators.opening import open_sync  # loads pandas
        from crm_sync.pipeline import stage

        with told_to_airflow(self.task_id):
            settings = self._settings()
            with open_sync(self.provider, self.task_id, settings, context) as sync:
                counts = {"run_id": sync.run.run_id, **stage(self.task_id)(sync)}
        log.info("%s: %s", self.task_id, counts)
        self._skip_what_is_pointless(counts, context)
        return counts

    def look_again(self, context: Context, event: object) -> dict[str, int]:  # noqa: ARG002  Airflow passes it
        """Go on after the provider was given time for what was handed over."""
        return self.execute(context)

    def _settings(self) -> Settings:
        settings = Settings.from_environment(os.environ)
        if not settings.is_enabled(self.provider):
            title = providers.get(self.provider).title
            raise AirflowSkipException(f"{title} is switched off by CRM_SYNC_DISABLED_PROVIDERS")
        if not account_hook(self.provider)().is_enabled:
            title = providers.get(self.provider).title
            raise AirflowSkipException(f"{title} is switched off in its connection, by Enabled")
        return settings

    def _skip_what_is_pointless(self, counts: dict[str, int], context: Context) -> None:
        is_preview = self.task_id == "plan" and context["params"]["dry_run"]
        if not (counts.get("idle") or is_preview):
            return
        log.info("dry run: nothing is sent" if is_preview else "nothing has changed; the rest of the run is skipped")
        # Raising keeps the return value from Airflow, so it is handed over before.
        context["ti"].xcom_push(key="return_value", value=counts)
        raise DownstreamTasksSkipped(tasks=sorted(self.get_flat_relative_ids(upstream=False)))
