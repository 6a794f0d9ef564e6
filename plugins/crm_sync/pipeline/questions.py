"""What a person is asked about a plan that the brake holds: one question of a provider stands at a time, until it is
answered, renewed with larger numbers, or of no need any more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm_sync.ledger import store
from crm_sync.model import Mode

if TYPE_CHECKING:
    from datetime import datetime

    from crm_sync.ledger.database import Database, Transaction
    from crm_sync.model import Run

# A question about a run stands until another has looked at as much; a backfill's approval is given to a full run.
_BREADTH = {Mode.CHANGES: 0, Mode.COMPARE: 1, Mode.FULL: 2, Mode.BACKFILL: 2}


class QuestionStatus(StrEnum):
    """The life of a question. Open and approved ones stand; operations of the plan have the others as their reason."""

    OPEN = "open"
    APPROVED = "approved"  # the next run may take away as much
    REJECTED = "rejected"
    RENEWED = "renewed"  # a later plan took away more, or came from another CRM
    WITHDRAWN = "withdrawn"  # a later plan takes away no more than it may
    VOID = "void"  # of another CRM, or account, than the one there now
    USED = "used"  # a run was recorded that had the approval


@dataclass(frozen=True)
class Question:
    """One question. ``weighed``: how many of each kind the plan of run ``run_id`` would take away; ``why``: in words.
    ``seen_run_id``: the last run that it held, which read the CRM up to ``seen_snapshot`` and left
    ``seen_marker`` there."""

    question_id: int
    provider: str
    run_id: int
    mode: Mode
    crm_identity: str | None
    account: str | None
    weighed: dict[str, int]
    why: str
    status: QuestionStatus
    held_since: datetime
    asked_at: datetime
    answered_by: str | None
    seen_run_id: int | None
    seen_snapshot: str | None
    seen_marker: str | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.status is QuestionStatus.OPEN

    def is_about(self, run: Run) -> bool:
        """Whether the run reads the CRM, and serves the account, that the question is about."""
        return self.crm_identity == run.crm_identity and not store.accounts_differ(self.account, run.account)

    def is_covered_by(self, run: Run) -> bool:
        """Whether the run looks at as much as the one that was held."""
        return _BREADTH[run.mode] >= _BREADTH[self.mode]

    @property
    def mode_to_run(self) -> Mode:
        """The mode of a run that is to do what was approved."""
        return Mode.FULL if self.mode is Mode.BACKFILL else self.mode


def standing(state: Transaction, provider: str) -> Question | None:
    """The question that is open, or approved and not used; locked until the transaction ends."""
    return _question(state.row("brake/standing_question", provider=provider))


def find(state: Transaction, question_id: int) -> Question | None:
    """A question by its number, locked until the transaction ends."""
    return _question(state.row("brake/question", question_id=question_id))


def _question(row: Any) -> Question | None:
    if row is None:
        return None
    values = dict(row._mapping)
    return Question(**{**values, "mode": Mode(values["mode"]), "status": QuestionStatus(values["status"])})


def ask(state: Transaction, run: Run, weighed: dict[str, int], why: str, before: Question | None) -> Question:
    """Record a question, which replaces the one ``before``."""
    mode = max([run.mode, *([before.mode] if before else [])], key=_BREADTH.__getitem__)
    if before is not None:
        end(state, before, QuestionStatus.RENEWED)
    asked = _question(
        state.row(
            "brake/ask_question",
            provider=run.provider,
            run_id=run.run_id,
            mode=mode.value,
            crm_identity=run.crm_identity,
            account=run.account,
            weighed=json.dumps(weighed),
            why=why,
            held_since=before.held_since if before else None,
        )
    )
    assert asked is not None  # noqa: S101  the row that was just written
    return asked


def end(state: Transaction, question: Question, status: QuestionStatus, who: str | None = None) -> None:
    """Record what became of a question, on its plan's operations and its run too."""
    state.run("brake/end_question", question_id=question.question_id, status=status.value, who=who)
    state.run("brake/tally_held", question_id=question.question_id)
    by = f" by {who}" if who else ""
    notice = f"the plan was {status.value}{by}" if status is not QuestionStatus.USED else None
    if notice:
        state.run("runs/add_notice", run_id=question.run_id, notice=notice)


def answer(database: Database, question_id: int, *, approves: bool, who: str) -> Question | None:
    """Record the decision of ``who``. Returns the question as it was, or None if it is closed. Safe to repeat: an
    earlier approval is returned again."""
    wanted = QuestionStatus.APPROVED if approves else QuestionStatus.REJECTED
    with database.transaction() as state:
        question = find(state, question_id)
        if question is None or question.status not in {QuestionStatus.OPEN, wanted}:
            return None
        if question.is_open:
            end(state, question, wanted, who)
        return question
