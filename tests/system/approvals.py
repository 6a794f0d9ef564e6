"""A person who answers what a run asks, while ``dag.test()`` waits for it in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from local.background import await_until

SECONDS = 60.0
CHAIR = SimpleNamespace(get_id=lambda: "7", get_name=lambda: "chair")


@dataclass
class Asked:
    """What was asked, and what was seen while it waited."""

    questions: list[Any] = field(default_factory=list)
    seen: list[object] = field(default_factory=list)
    trouble: list[BaseException] = field(default_factory=list)


@contextmanager
def answering(option: str, look: Callable[[], object]) -> Iterator[Asked]:
    """Choose ``option`` for the next question, as Airflow's own route does, after a ``look`` around."""
    asked = Asked()
    person = threading.Thread(target=_answer, args=(option, look, asked), daemon=True)
    person.start()
    yield asked
    person.join(SECONDS)
    assert not person.is_alive(), "nobody was asked"
    assert asked.trouble == []


def _answer(option: str, look: Callable[[], object], asked: Asked) -> None:
    try:
        assert await_until(lambda: bool(_waiting()), SECONDS)
        asked.questions.append(_waiting()[0])
        asked.seen.append(look())
        _respond(asked.questions[-1], option)
    except BaseException as error:  # noqa: BLE001  told to the test, which would wait for ever
        asked.trouble.append(error)
        _respond(_waiting()[0], "Reject")


def _waiting() -> list[Any]:
    """The questions without an answer whose task has gone to rest."""
    from airflow.models.hitl import HITLDetail
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    query = select(HITLDetail).options(joinedload(HITLDetail.task_instance)).where(HITLDetail.responded_at.is_(None))
    with create_session() as session:
        found = list(session.scalars(query))
        session.expunge_all()
    return [each for each in found if each.task_instance.state == "awaiting_input"]


def _respond(question: Any, option: str) -> None:
    from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
    from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
    from airflow.utils.session import create_session

    ti, chosen = question.task_instance, UpdateHITLDetailPayload(chosen_options=[option])
    with create_session() as session:
        update_hitl_detail(ti.dag_id, ti.run_id, ti.task_id, chosen, CHAIR, session)  # type: ignore[arg-type]
