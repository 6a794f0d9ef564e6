"""A person who answers what Airflow asks, while ``dag.test()`` waits for it in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from crm_sync.pages import APPROVAL_DAG
from local.background import await_until
from system.airflow_home import REPOSITORY
from system.runs import DEFAULTS, Runs

SECONDS = 60.0
CHAIR = SimpleNamespace(get_id=lambda: "7", get_name=lambda: "chair")


@dataclass
class Asked:
    """What was asked, in order."""

    questions: list[Any] = field(default_factory=list)
    trouble: list[BaseException] = field(default_factory=list)


def conf_of_newest(dag_id: str) -> dict[str, Any]:
    """What the newest run of a DAG that waits for its turn was started with; nothing where there is none."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    query = select(DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.state == "queued").order_by(DagRun.id.desc())
    with create_session() as session:
        return dict(session.scalars(query).first() or {})


def ask_and_answer(option: str, look: Callable[[], object] = lambda: None) -> Any:
    """Play the question that a held run has started, and choose ``option`` after a ``look`` around. The question."""
    from airflow.dag_processing.dagbag import DagBag

    conf = conf_of_newest(APPROVAL_DAG)
    assert conf, "no run has asked anything"
    with _answering(option, look) as asked:
        ended = DagBag(REPOSITORY / "dags").dags[APPROVAL_DAG].test(run_conf=conf)
    assert ended.state == "success"
    (question,) = asked.questions
    return question


def run_approved(runs: Runs) -> str:
    """Play the run that an approval has started; the state it ended in."""
    conf = conf_of_newest(runs.dag.dag_id)
    assert conf.keys() == DEFAULTS.keys(), conf
    return runs.run(**conf)


@contextmanager
def _answering(option: str, look: Callable[[], object]) -> Iterator[Asked]:
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
        look()
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
        update_hitl_detail(ti.dag_id, ti.run_id, ti.task_id, chosen, CHAIR, session)
