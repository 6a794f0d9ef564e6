"""Finds a person's answer that Airflow has stored although it took the question's task for dead."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time.hitl import get_hitl_detail_content_detail
from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Airflow 3.3.2 takes a task for dead that goes on while the process that put it to rest has not ended: a second or two.
SECONDS_TO_REST = 10.0


class AnswerTrigger(BaseTrigger):
    """Looks once, when the process that asked has ended; the event has the answer, or None where there is none."""

    def __init__(self, ti_id: str, seconds: float = SECONDS_TO_REST) -> None:
        super().__init__()
        self.ti_id, self.seconds = ti_id, seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """As the triggerer makes it again."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"ti_id": self.ti_id, "seconds": self.seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, look, and end."""
        await asyncio.sleep(self.seconds)
        yield TriggerEvent(await sync_to_async(_answer)(UUID(self.ti_id)))


def _answer(ti_id: UUID) -> dict[str, Any] | None:
    try:
        found = get_hitl_detail_content_detail(ti_id=ti_id)
    except AirflowRuntimeError:  # it was never asked
        return None
    if not getattr(found, "chosen_options", None):
        return None
    who = found.responded_by_user
    by = {"id": who.id, "name": who.name} if who else None
    return {"chosen_options": list(found.chosen_options or []), "responded_by_user": by}
