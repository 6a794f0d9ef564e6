"""Gathers all that is known of one contact: what the CRM says, what the pipeline would make of it, what each provider
holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_sync import providers
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.web.overview import switched_off
from crm_sync.web.reading import crm_reading, state_reading
from crm_sync.web.why import Case, Flag, Held, Membership

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from crm_sync.contract import Provider
    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline import holding_back


@dataclass
class Person:
    """``contact`` is what the CRM says (None where it was deleted), ``cases`` one case for each provider."""

    contact: Any
    cases: dict[str, Case]
    history: list[Any]


@dataclass
class _Wanted:
    """What the pipeline would want of the contact at one provider; ``subscriber_key`` is what it is held as there.
    ``held_ids``: of those with its address, whose opt-out the CRM does not have. ``flags``: on whom of them Do Not
    Contact is set, None for the contact itself, and for which lists."""

    subscriber_key: str | None = None
    is_in_crm: bool = False
    is_wanted: bool = False
    is_blocked: bool = False
    flags: list[tuple[int | None, tuple[int, ...]]] = field(default_factory=list)
    lists: frozenset[int] = field(default_factory=frozenset)
    held_ids: frozenset[int] = field(default_factory=frozenset)


def read_person(contact_id: int, names: list[str]) -> Person | None:
    """All about one contact; None where nobody knows it."""
    with crm_reading() as crm:
        person = crm.row("crm/sync_page/find_people", contact_id=contact_id, subscriber_key=None, name=None)
        memberships = tuple(Membership(*row) for row in crm.rows("crm/sync_page/lists_of", contact_id=contact_id))
        held = _held_back(crm)
        scopes = _scopes(names)
        wanted = {name: _wanted(crm, account_hook(name)().sheet(), contact_id, held, scopes[name]) for name in names}
        list_names = _list_names(crm, memberships, wanted.values())
    address = person.address.strip().lower() if person is not None and person.address else None
    key = {"providers": names, "contact_id": contact_id}
    with state_reading() as state:
        known = _Known(
            holdings=state.rows("page_people/holdings_of", **key, subscriber_key=address),
            aside=state.rows("page_people/set_aside_of", **key),
            lists=state.rows("page_cards/lists_there", providers=names),
            cursors=state.rows("page_cards/cursors", providers=names),
        )
        history = state.rows("page_people/operations_of", **key)
        subscriber_keys = [row.subscriber_key for row in known.holdings] + [
            each.subscriber_key for each in wanted.values() if each.subscriber_key
        ]
        behind = sorted({each for one in wanted.values() for each in one.held_ids})
        untold = (
            state.row("page_people/unwritten_of", contact_ids=behind, subscriber_keys=subscriber_keys)
            if behind
            else None
        )
        known.opt_outs = state.rows("page_people/opt_outs_of", providers=names, subscriber_keys=subscriber_keys)
    if person is None and not known.holdings and not history:
        return None
    known.list_names |= list_names
    cases = {name: _case(name, wanted[name], memberships, known.of(name), untold) for name in names}
    return Person(person, cases, history)


@dataclass
class _Known:
    """Rows of the ledger about the contact, of all providers or of one."""

    holdings: list[Any]
    aside: list[Any]
    lists: list[Any]
    cursors: list[Any]
    opt_outs: list[Any] = field(default_factory=list)
    list_names: dict[int, str] = field(default_factory=dict)

    def of(self, provider: str) -> _Known:
        """Those of one provider; the names that the CRM has for lists are the same for all."""
        rows = {name: rows for name, rows in vars(self).items() if name != "list_names"}
        mine = {name: [row for row in each if row.provider == provider] for name, each in rows.items()}
        return _Known(**mine, list_names={row.list_id: row.list_name for row in mine["lists"]} | self.list_names)


def _held_back(crm: Transaction) -> holding_back.Held:
    from crm_sync.pipeline import holding_back

    with state_reading() as state:
        return holding_back.held_back(state, crm, "subscribers")


def _list_names(crm: Transaction, memberships: tuple[Membership, ...], wanted: Iterable[_Wanted]) -> dict[int, str]:
    """Of the contact's lists, and of those on which somebody of its address has Do Not Contact."""
    sharers = sorted({who for each in wanted for who, lists in each.flags if who is not None and lists})
    theirs = [row for who in sharers for row in crm.rows("crm/sync_page/lists_of", contact_id=who)]
    return {row.list_id: row.name for row in theirs} | {each.list_id: each.name for each in memberships}


def _scopes(names: list[str]) -> dict[str, str]:
    """The Do Not Contact scope that each provider's last run rests on: that of its workers, not of this server."""
    with state_reading() as state:
        rows = state.rows("page_people/scopes", providers=names)
    here = configuration.read().settings.do_not_contact_scope
    return dict.fromkeys(names, here) | {row.provider: row.do_not_contact_scope for row in rows}


def _wanted(
    crm: Transaction, provider: Provider, contact_id: int, held: holding_back.Held, do_not_contact_scope: str
) -> _Wanted:
    """What the pipeline's own rules say, over the pipeline's own extract: this page cannot disagree with a run."""
    from crm_sync.pipeline.holding_back import as_though_told
    from crm_sync.pipeline.transform import desired  # loads pandas

    frame = crm.frame(f"crm/extract/{provider.audience}", contact_ids=[contact_id], subscriber_keys=[])
    own = frame[frame["contact_id"] == contact_id]
    if own.empty:
        return _Wanted()
    contacts = as_though_told(frame[frame["subscriber_key"] != ""], held).assign(frozen=False)
    subscriber_key = str(own["subscriber_key"].iloc[0]) or None
    if subscriber_key is None:
        return _Wanted(is_in_crm=True)
    rows = desired(contacts, provider, do_not_contact_scope)
    row = rows[rows["subscriber_key"] == subscriber_key].iloc[0]
    sharing = contacts[contacts["subscriber_key"] == subscriber_key]
    return _Wanted(
        subscriber_key,
        is_in_crm=True,
        is_wanted=bool(row["wanted"]),
        is_blocked=bool(row["blocked"]),
        flags=_flags(sharing, contact_id),
        lists=frozenset(_ids(row["lists"])),
        held_ids=frozenset(sharing["contact_id"].tolist()) & held.keys(),
    )


def _flags(sharing: pd.DataFrame, contact_id: int) -> list[tuple[int | None, tuple[int, ...]]]:
    """Of all contacts of one address, the one asked about first."""
    told = zip(sharing["contact_id"], sharing["do_not_contact"], sharing["flagged_lists"], strict=True)
    flags = [
        (None if who == contact_id else int(who), () if refuses else _ids(lists))
        for who, refuses, lists in told
        if refuses or _ids(lists)
    ]
    return sorted(flags, key=lambda each: each[0] or 0)


def _ids(array: object) -> tuple[int, ...]:
    return tuple(int(each) for each in str(array).strip("{}").split(",") if each)


def _case(name: str, wanted: _Wanted, memberships: tuple[Membership, ...], known: _Known, untold: Any) -> Case:
    sheet = providers.get(name)
    mine = [row for row in known.holdings if row.subscriber_key == wanted.subscriber_key] or known.holdings
    subscriber_key = wanted.subscriber_key or (mine[0].subscriber_key if mine else None)
    left = [(row.reason, row.seen_at) for row in known.opt_outs if row.subscriber_key == subscriber_key]
    return Case(
        title=sheet.title,
        provider=name,
        off=switched_off(name),
        is_begun=bool(known.cursors),
        is_in_crm=wanted.is_in_crm,
        needs_address=sheet.keyed_by == "address",
        has_address=wanted.subscriber_key is not None,
        is_blocked=wanted.is_blocked,
        is_wanted=wanted.is_wanted,
        flags=tuple(
            Flag(who, tuple(known.list_names.get(each) or f"list {each}" for each in lists))
            for who, lists in wanted.flags
        ),
        wanted_lists=wanted.lists,
        memberships=memberships,
        held=_held(mine[0]) if mine else None,
        opt_out=left[0] if left else None,
        held_back=(providers.get(untold.provider).title, untold.seen_at) if untold and wanted.held_ids else None,
        aside=tuple((row.reason, row.holds_back) for row in known.aside),
        list_names={number: name for number, name in known.list_names.items() if name},
        has_lists=sheet.has_lists,
    )


def _held(row: Any) -> Held:
    return Held(
        row.state, frozenset(row.lists), row.reason, row.remark, row.refused_at, row.retry_at, row.is_unanswered
    )
