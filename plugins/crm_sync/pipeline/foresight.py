"""What a run would ask for one contact, by the run's own statements and rules: in a transaction of the state database
that is rolled back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crm_sync.model import HoldingState, Mode, Verb
from crm_sync.pipeline import arrays, extract, holding_back, pilot, plan, premises, selection, validate
from crm_sync.pipeline import diff as rules
from crm_sync.pipeline.transform import desired

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from crm_sync.contract import Provider
    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.context import RunContext

_BRINGS = {Verb.CREATE.value, Verb.UPDATE.value, Verb.ENABLE.value, Verb.CHANGE_ADDRESS.value}
_DISABLES = {Verb.SUPPRESS.value, Verb.ARCHIVE.value}


@dataclass(frozen=True)
class After:
    """How a provider holds somebody once a run has done what it would ask, if the provider does it."""

    is_active: bool
    lists: frozenset[int]


@dataclass(frozen=True)
class Foreseen:
    """What a run would make of one contact. ``subscriber_key``: as whom it is read, None where it cannot be held;
    ``flags``: (contact, lists) on which Do Not Contact is set, no lists where it is set on the contact; ``aside``:
    (reason, whether it holds the contact back); ``held_ids``: of those with its address, whose opt-out the CRM does not
    have. ``others``: subscribers that it was a part of, and is not any more, though they stay. ``refusal``: why the
    plan refuses the contact before any call. ``excluded``: lists that the settings exclude."""

    is_in_crm: bool
    subscriber_key: str | None
    is_wanted: bool
    is_blocked: bool
    lists: frozenset[int]
    flags: tuple[tuple[int, tuple[int, ...]], ...]
    aside: tuple[tuple[str, bool], ...]
    held_ids: frozenset[int]
    others: frozenset[str]
    after: After
    refusal: str
    excluded: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Plan:
    """Each subscriber of the scope that is not held as wanted, with what is asked about it, and the others; lists that
    go, and lists that somebody can be put into: those there, and those that the run would make."""

    subscribers: list[dict[str, Any]]
    as_wanted: dict[str, frozenset[int]]
    doomed: frozenset[int]
    there: frozenset[int]


def foresee(ctx: RunContext, contact_id: int) -> Foreseen:
    """What the next run would do. ``ctx.run`` says the provider and the Do Not Contact scope. Nothing is kept."""
    with ctx.state.trial() as state, ctx.crm.transaction(snapshot=True) as crm:
        state.run("session/limit_time")
        _begin(ctx, state)
        _read(ctx, state, crm, contact_id)
        _judge(ctx, state)
        frame = state.frame(
            f"transform/to_transform_{ctx.provider.audience}", provider=ctx.provider.name, run_id=ctx.run.run_id
        )
        if len(frame):
            wanted = desired(frame, ctx.provider, ctx.run.do_not_contact_scope)
            state.write("crm_sync.desired", wanted.assign(run_id=ctx.run.run_id))
        return _told(ctx, state, contact_id, _planned(ctx, state))


def _begin(ctx: RunContext, state: Transaction) -> None:
    key = {"provider": ctx.provider.name, "do_not_contact_scope": ctx.run.do_not_contact_scope}
    ctx.run = replace(
        ctx.run,
        run_id=state.value("foresight/pretend_run", **key),
        mode=Mode.CHANGES,
        fingerprint=premises.fingerprint(ctx.provider, ctx.run.do_not_contact_scope, ctx.own.rules),
    )


def _read(ctx: RunContext, state: Transaction, crm: Transaction, contact_id: int) -> None:
    """As the stage extract, for one contact and those who share an address with it."""
    if ctx.provider.has_lists:
        extract.copy_lists(ctx, crm, state)
    selection.select_lists(ctx, state, crm)
    holding_back.note(ctx, state, crm)
    key = {"run_id": ctx.run.run_id, "provider": ctx.provider.name, "contact_id": contact_id}
    subscriber_keys = state.value("foresight/scope", **key)
    extract.copy_contacts(ctx, crm, state, contact_ids=[contact_id], subscriber_keys=subscriber_keys)
    holding_back.hold_back(ctx, state)
    selection.select_people(ctx, state, crm)
    state.run("extract/scope_extracted_subscribers", run_id=ctx.run.run_id)


def _judge(ctx: RunContext, state: Transaction) -> None:
    """As the stage validate. What stands in the ledger of contacts that have not changed is taken from there: Great
    Expectations takes its time to load."""
    key: dict[str, Any] = {"run_id": ctx.run.run_id, "provider": ctx.provider.name}
    anew = [row.contact_id for row in state.rows("foresight/read_anew", **key)]
    state.run("foresight/carry_set_aside", **key)
    if anew:
        frame = state.frame(f"validate/to_validate_{ctx.provider.audience}", run_id=ctx.run.run_id)
        frame = frame[frame["contact_id"].isin(anew)]
        found = validate.findings(frame, ctx.provider)
        outside = pilot.outside(ctx, state, frame[ctx.provider.mapping.wanted(frame)], found)
        for bad in (found.drop(columns="is_remark"), *outside):
            if len(bad):
                state.write("crm_sync.set_aside", bad.assign(**key))


def _planned(ctx: RunContext, state: Transaction) -> _Plan:
    """As the stage plan."""
    key: dict[str, Any] = {"provider": ctx.provider.name, "run_id": ctx.run.run_id}
    plan.note_excluded(ctx, state)
    plan.free_addresses(ctx, state)
    plan.offer_freed(ctx, state)
    by_record = Verb.CREATE_LIST not in ctx.provider.verbs
    is_news = not by_record and state.value("extract/list_changes", **key, now=ctx.now)
    lists = plan.lists_planned(ctx, state) if is_news else None
    doomed = _ids_of(lists, Verb.DELETE_LIST)
    told = {"everyone": False, "resend": False, "now": ctx.now, "rests": list(ctx.provider.rests)}
    scope = state.frame("plan/to_plan", **key, **told, pilot=ctx.own.pilot.is_on)
    rows = _asked(scope, ctx.provider, doomed, plan.kept_lists(ctx, state)) if len(scope) else []
    there = [row.list_id for row in state.rows("foresight/lists_there", **key, by_record=by_record)]
    known = {row["subscriber_key"] for row in rows}
    active = {row.subscriber_key: frozenset(row.lists) for row in state.rows("foresight/active_there", **key)}
    as_wanted = {name: theirs for name, theirs in active.items() if name not in known}
    return _Plan(rows, as_wanted, frozenset(doomed), frozenset([*there, *_ids_of(lists, Verb.CREATE_LIST)]))


def _asked(
    scope: pd.DataFrame, provider: Provider, doomed: Sequence[int], kept_lists: Sequence[int]
) -> list[dict[str, Any]]:
    """Each subscriber of ``scope`` with what is asked about it; ``before``: the lists that it is in until then."""
    asked = rules.plan(scope, provider, doomed_lists=doomed, kept_lists=kept_lists)
    before = scope["moved_lists"].where(scope["moves_from"].fillna("") != "", scope["held_lists"])
    both = scope.assign(before=before).merge(asked, on="subscriber_key", how="left", suffixes=("", "_asked"))
    return [{str(name): value for name, value in row.items()} for row in both.to_dict("records")]


def _ids_of(lists: pd.DataFrame | None, verb: Verb) -> list[int]:
    """Lists of which a verb is asked and not refused before any call."""
    if lists is None:
        return []
    found: list[int] = lists.loc[(lists["verb"] == verb) & (lists["reason"] == ""), "list_id"].astype(int).tolist()
    return found


def _told(ctx: RunContext, state: Transaction, contact_id: int, planned: _Plan) -> Foreseen:
    key = {"run_id": ctx.run.run_id, "contact_id": contact_id}
    own, wanted = state.row("foresight/own_row", **key), state.row("foresight/wanted", **key)
    rows = state.rows("foresight/flags", **key)
    sharing = sorted({contact_id, *(wanted.contact_ids if wanted else ())})
    others = frozenset(row.subscriber_key for row in state.rows("foresight/others", **key))
    held = state.rows("foresight/held_back", run_id=ctx.run.run_id, contact_ids=sharing)
    return Foreseen(
        is_in_crm=own is not None,
        subscriber_key=wanted.subscriber_key if wanted else own.subscriber_key if own else None,
        is_wanted=bool(wanted and wanted.wanted),
        is_blocked=bool(wanted and wanted.blocked),
        lists=frozenset(wanted.lists if wanted else ()),
        flags=tuple((row.contact_id, () if row.do_not_contact else tuple(row.flagged_lists)) for row in rows),
        aside=tuple((row.reason, row.holds_back) for row in state.rows("foresight/findings", **key)),
        held_ids=frozenset(row.contact_id for row in held),
        others=others,
        after=_after(planned, others, ctx.provider.has_lists),
        refusal=next(filter(None, (_text(row["reason"]) for row in planned.subscribers)), ""),
        excluded=frozenset(row.list_id for row in state.rows("foresight/excluded_lists", run_id=ctx.run.run_id)),
    )


def _after(planned: _Plan, others: frozenset[str], has_lists: bool) -> After:
    """How the person is held afterwards, under whichever of their subscribers."""
    moves = [row for row in planned.subscribers if _text(row["verb"]) == Verb.CHANGE_ADDRESS]
    gone = others | {row["moves_from"] for row in moves}
    held = [row for row in planned.subscribers if row["subscriber_key"] not in gone and _is_held_after(row)]
    stay = [lists for name, lists in planned.as_wanted.items() if name not in gone]
    lists = [*(_lists_after(row, planned) for row in held), *stay]
    return After(bool(lists), frozenset().union(*lists) if has_lists else frozenset())


def _is_held_after(row: dict[str, Any]) -> bool:
    verb = _text(row["verb"])
    if verb in _BRINGS and not _text(row["reason"]):
        return True
    return verb not in _DISABLES and row["held_state"] == HoldingState.ACTIVE


def _lists_after(row: dict[str, Any], planned: _Plan) -> frozenset[int]:
    before, joins, leaves = (set(arrays.ids(_text(row[name]))) for name in ("before", "joins", "leaves"))
    return frozenset((before | (joins & planned.there)) - leaves - planned.doomed)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
