"""One or more stages as an Airflow task: it opens what they need, runs them in order, and returns their counts."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped

from crm_sync import providers
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.operators import lineage, metrics, remarks
from crm_sync.operators.approval import attend
from crm_sync.operators.failures import translate_errors
from crm_sync.pipeline import TASKS

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from crm_sync.hooks.configuration import Configuration
    from crm_sync.pipeline.context import RunContext

log = logging.getLogger("crm_sync")

# The stages in which a run may be held by the brake, or found to be held still.
_HOLDING = ("extract", "plan")

# Stages that must not wait until somebody has corrected a setting.
_WHATEVER_IS_SET = ("opt_outs", "record")


class SyncOperator(BaseOperator):
    """The stages of one provider's run that ``TASKS`` has at its task id; it returns the run's id and their counts."""

    ui_color = "#e8f1fa"

    def __init__(self, *, provider: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.provider = provider
        self.doc_md = (
            f"Runs {', '.join(TASKS[self.task_id])}. If it is cleared or retried, it begins at the first of them."
        )
        self.datasets = lineage.NOTHING

    def execute(self, context: Context) -> dict[str, int]:
        """Run the stages; what follows an idle run or a dry run's plan is skipped."""
        from crm_sync.operators.run_context import open_context  # loads psycopg

        begun, (first, *others) = metrics.begin(), TASKS[self.task_id]
        with translate_errors(first, context):
            found = self._configuration()
            with open_context(self.provider, self.task_id, found.settings.of(self.provider), context) as ctx:
                remarks.keep(ctx, context)
                counts = {"run_id": ctx.run.run_id, **_run(first, found, ctx, begun, context)}
                for stage in others:
                    counts |= _run(stage, found, _as_left(ctx, context), metrics.begin(), context)
                self.datasets = lineage.known_after(self.task_id, ctx)
        self._skip_what_is_pointless(counts, context)
        return counts

    def look_again(self, context: Context, event: object) -> dict[str, int]:  # noqa: ARG002  Airflow passes it
        """Go on after the provider was given time for what was handed over."""
        return self.execute(context)

    def get_openlineage_facets_on_start(self) -> OperatorLineage:
        """OpenLineage asks before the task begins: what it will read."""
        return _as_lineage(lineage.known_before(self.task_id, self.provider))

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage:  # noqa: ARG002  it is passed
        """OpenLineage asks when the task has ended: what it read and wrote."""
        return _as_lineage(self.datasets)

    def _configuration(self) -> Configuration:
        found = configuration.read()
        if not found.settings.own(self.provider).enabled:
            title = providers.get(self.provider).title
            raise AirflowSkipException(f"{title} is switched off by the setting enabled")
        if not account_hook(self.provider)().is_enabled:
            title = providers.get(self.provider).title
            raise AirflowSkipException(f"{title} is switched off in its connection, by Enabled")
        return found

    def _skip_what_is_pointless(self, counts: dict[str, int], context: Context) -> None:
        is_preview = self.task_id == "plan" and context["params"]["dry_run"]
        if not (counts.get("idle") or is_preview):
            return
        log.info("dry run: nothing is sent" if is_preview else "nothing has changed; the rest of the run is skipped")
        # Raising keeps the return value from Airflow, so it is handed over before.
        context["ti"].xcom_push(key="return_value", value=counts)
        raise DownstreamTasksSkipped(tasks=sorted(self.get_flat_relative_ids(upstream=False)))


def _run(
    stage: str, found: Configuration, ctx: RunContext, begun: metrics.Beginning | None, context: Context
) -> dict[str, int]:
    from crm_sync.pipeline import run_stage

    with translate_errors(stage, context):
        if stage not in _WHATEVER_IS_SET:
            found.require()
        if stage == "extract":
            _note_file(found, ctx)
        with metrics.measured(stage, ctx, begun):
            counts = run_stage(stage, ctx)
        if stage in _HOLDING:
            attend(ctx, context)
        return counts


def _note_file(found: Configuration, ctx: RunContext) -> None:
    from crm_sync.ledger import store  # loads psycopg

    name = found.file.name if found.file else None
    store.note_settings_file(ctx.state, ctx.run, name, is_empty=not found.sets_by_file)


def _as_left(ctx: RunContext, context: Context) -> RunContext:
    """With the run as the stage before has left it."""
    from crm_sync.ledger import store  # loads psycopg

    return replace(ctx, run=store.load_run(ctx.state, ctx.provider.name, context["run_id"]))


def _as_lineage(datasets: lineage.Datasets) -> OperatorLineage:
    from airflow.providers.openlineage.extractors import OperatorLineage

    return OperatorLineage(inputs=list(datasets.read), outputs=list(datasets.written))
