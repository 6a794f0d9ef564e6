"""Holds a plan that would remove more than a healthy CRM does, until a person decides. Do Not Contact is not held with
it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crm_sync import removals
from crm_sync.ledger.store import close
from crm_sync.model import RunState, Verb
from crm_sync.pipeline import questions
from crm_sync.pipeline.context import RunContext, log
from crm_sync.pipeline.questions import QuestionStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.ledger.database import Transaction
    from crm_sync.model import Run
    from crm_sync.pipeline.questions import Question
    from crm_sync.settings import Settings

SUPPRESSIONS = "suppressions"
# Kind → of what it is a share, and its words. A plan is pulled by each of them alone.
_KINDS = {
    "people": ("people", "removes {} of {} people"),
    "memberships": ("memberships", "ends {} of {} list memberships"),
    "addresses": ("people", "moves {} of {} people to another address"),
    "names": ("people", "leaves {} of {} people without a name"),
    SUPPRESSIONS: ("people", "disables {} of {} people for Do Not Contact"),
}
# Verbs of which more than the floor may trigger the brake; a list that goes may have any number of people.
_HEAVY = {
    Verb.SUPPRESS.value,
    Verb.ARCHIVE.value,
    Verb.REMOVE_FROM_LIST.value,
    Verb.CHANGE_ADDRESS.value,
    Verb.UPDATE.value,
}


@dataclass(frozen=True)
class Weighed:
    """How many of each kind a plan removes, and which of them are too many, in words. ``removals``: by cause and list,
    as removals.of_rows has it."""

    numbers: dict[str, int]
    too_many: dict[str, str]
    why: str
    removals: list[dict[str, Any]]

    @property
    def sends_suppressions(self) -> bool:
        """Whether Do Not Contact is sent although the plan is held: not if it exceeds the limit itself."""
        return SUPPRESSIONS not in self.too_many

    def exceeds(self, question: Question) -> bool:
        """Whether it removes more than a question says, of the kinds that are too many."""
        return any(self.numbers[kind] > question.weighed.get(kind, 0) for kind in self.too_many)


def weigh(ctx: RunContext, state: Transaction, counts: Mapping[str, int]) -> Weighed | None:
    """What the plan removes, if that needs approval; None if the plan may be sent. ``counts``: pending operations by
    verb, which spare a small plan the closer look."""
    is_light = all(counts.get(verb, 0) <= ctx.settings.brake_floor for verb in _HEAVY)
    if ctx.run.allow_removals or (is_light and not counts.get(Verb.DELETE_LIST.value)):
        return None
    rows = state.rows("brake/weighed", provider=ctx.provider.name, run_id=ctx.run.run_id)
    numbers = {kind: sum(int(row.number) for row in rows if row.kind == kind) for kind in _KINDS}
    too_many = _too_many(ctx, numbers, state.rows("brake/held", provider=ctx.provider.name)[0])
    return Weighed(numbers, too_many, _why(ctx, too_many), removals.of_rows(rows)) if too_many else None


def _too_many(ctx: RunContext, numbers: Mapping[str, int], held: Any) -> dict[str, str]:
    return {
        kind: words.format(f"{numbers[kind]:,}", f"{getattr(held, base):,}")
        for kind, (base, words) in _KINDS.items()
        if _is_too_much(ctx.settings, numbers[kind], getattr(held, base), ctx.run.allowed.get(kind, 0))
    }


def _is_too_much(settings: Settings, number: int, held: int, allowed: int) -> bool:
    """Whether a number exceeds the limits. What a person approved may have grown by the floor since."""
    unasked = max(settings.brake_floor, settings.brake_share * held)
    return number > unasked and number > allowed + (settings.brake_floor if allowed else 0)


def _why(ctx: RunContext, too_many: Mapping[str, str]) -> str:
    said = " and ".join(too_many.values())
    why = f"the plan {said} at {ctx.provider.title}, more than {ctx.settings.brake_share:.0%}"
    if ctx.run.allowed_by is not None:
        why += f", and far more than {ctx.run.allowed_by} approved"
    goes = "only Do Not Contact is sent" if SUPPRESSIONS not in too_many else "nothing is sent, not even Do Not Contact"
    return f"{why}; {goes} until a person decides"


def take_approval(ctx: RunContext, state: Transaction) -> None:
    """Apply a person's approval to this run, unless it was given for another CRM or account. A preview says what the
    run will do, and leaves it the approval."""
    question = questions.standing(state, ctx.run.provider)
    is_about = question is not None and question.is_about(ctx.run)
    if question is None or question.is_open or (ctx.run.dry_run and not is_about):
        return
    if not is_about:
        questions.end(state, question, QuestionStatus.VOID)
        notice = (
            f"what {question.answered_by} approved no longer counts: the CRM or the account has been replaced since"
        )
    else:
        ctx.run = replace(ctx.run, allowed=question.weighed, allowed_by=question.answered_by)
        whose = {"run_id": ctx.run.run_id, "who": question.answered_by}
        state.run("brake/allow", allowed=json.dumps(question.weighed), **whose)
        notice = f"{question.answered_by} approved the plan of run {question.run_id}"
    state.run("runs/add_notice", run_id=ctx.run.run_id, notice=notice)
    log.info(notice)


def forget_question(ctx: RunContext, state: Transaction, markers: list[str], what: str = "CRM") -> None:
    """The CRM, or the account, is another one since a person was asked, unless it has the marker of the run that asked:
    what they approved no longer counts, and they are asked again."""
    question = questions.standing(state, ctx.run.provider)
    if question is None or ctx.run.dry_run or question.seen_marker in markers:
        return
    if not question.is_open:
        notice = f"what {question.answered_by} approved no longer counts: the {what} has been replaced since"
        state.run("runs/add_notice", run_id=ctx.run.run_id, notice=notice)
    questions.end(state, question, QuestionStatus.RENEWED if question.is_open else QuestionStatus.VOID)


def hold(ctx: RunContext, state: Transaction, weighed: Weighed) -> None:
    """Hold the plan except for Do Not Contact, and ask a person, unless they have been asked already."""
    run = ctx.run
    before = questions.standing(state, run.provider)
    if before is not None and before.is_open and before.is_about(run) and not weighed.exceeds(before):
        asked = before
    else:
        asked = questions.ask(state, run, weighed.numbers, weighed.why, before)
    state.run("brake/hold_plan", run_id=run.run_id, sends_suppressions=weighed.sends_suppressions)
    state.run("brake/hold_run", run_id=run.run_id, question_id=asked.question_id)
    note(state, run, weighed)
    state.run("runs/add_notice", run_id=run.run_id, notice=weighed.why)
    log.warning("%s", weighed.why)


def note(state: Transaction, run: Run, weighed: Weighed) -> None:
    """Keep with a run, or a preview, what the brake says of its plan."""
    state.run("runs/note_brake", run_id=run.run_id, brake=weighed.why, removals=json.dumps(weighed.removals))


def note_held(ctx: RunContext, state: Transaction) -> None:
    """A run that was held has ended: the next one has nothing to do before something changes. Only the plan that people
    are asked about is kept."""
    state.run("brake/held_seen", run_id=ctx.run.run_id)
    state.run("brake/drop_held", run_id=ctx.run.run_id)


def seen_while_held(ctx: RunContext, state: Transaction, crm_identity: str) -> Question | None:
    """The open question whose last held run has seen all of this CRM up to its ``seen_snapshot``; None where
    there is none."""
    question = questions.standing(state, ctx.run.provider)
    if question is None or not question.is_open or question.seen_snapshot is None:
        return None
    return question if question.is_about(replace(ctx.run, crm_identity=crm_identity)) else None


def end_as_held(ctx: RunContext, state: Transaction, question: Question) -> None:
    """A run that would do what the one before has done ends as that one: held by the question."""
    state.run("brake/hold_run", run_id=ctx.run.run_id, question_id=question.question_id)
    state.run("runs/note_brake", run_id=ctx.run.run_id, brake=question.why, removals=None)
    state.run("runs/add_notice", run_id=ctx.run.run_id, notice=question.why)
    close(state, ctx.run, RunState.HELD)


def let_pass(ctx: RunContext, state: Transaction) -> None:
    """The plan may be sent. Withdraw the question about an earlier plan, if this run looked at as much."""
    question = questions.standing(state, ctx.run.provider)
    state.run("brake/hold_run", run_id=ctx.run.run_id, question_id=None)
    if question is not None and question.is_open and question.is_covered_by(ctx.run):
        questions.end(state, question, QuestionStatus.WITHDRAWN)
        log.info("question %d is withdrawn: the plan takes away no more than it may", question.question_id)


def use_up(ctx: RunContext, state: Transaction) -> None:
    """A run was recorded: an approval that it covered was used."""
    question = questions.standing(state, ctx.run.provider) if ctx.run.allowed_by else None
    if question is not None and not question.is_open and question.is_covered_by(ctx.run):
        questions.end(state, question, QuestionStatus.USED)
