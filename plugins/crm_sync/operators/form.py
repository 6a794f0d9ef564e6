"""The trigger form and the runbook of a provider's DAG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import Param

from crm_sync.model import Mode

if TYPE_CHECKING:
    from crm_sync.contract import Provider

_MODES = {
    Mode.CHANGES.value: "changes since the last run",
    Mode.COMPARE.value: "everyone, compared with the ledger",
    Mode.FULL.value: "everything",
}
_RUNBOOK = Path(__file__).with_name("runbook.md")


def trigger_form() -> dict[str, Param]:
    """The DAG's params. Backfill is not among the modes: it is started by Airflow's Trigger > Backfill."""
    return {
        "mode": Param(
            Mode.CHANGES.value,
            title="What to look at",
            description_md="**changes**: contacts that changed since the last run, and those due for a retry."
            " **compare**: every contact, compared with the ledger, without asking the provider what it holds."
            " **full**: every contact, compared with what the provider holds now.",
            type="string",
            enum=list(_MODES),
            values_display=_MODES,
        ),
        "dry_run": Param(
            False,
            title="Dry run",
            description="Stop after the task plan: nothing is sent to the provider or written to the CRM. plan shows"
            " the counts.",
            type="boolean",
        ),
        "allow_removals": Param(
            False,
            title="Allow removals",
            description="Do not ask for approval if this run removes more than the brake allows. Preview it first.",
            type="boolean",
        ),
    }


def runbook(provider: Provider) -> str:
    """The documentation of the DAG of ``provider``, as Markdown."""
    text = _RUNBOOK.read_text(encoding="utf-8")
    words = {"title": provider.title, "schedule": provider.schedule, "connection": provider.connection_id}
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
