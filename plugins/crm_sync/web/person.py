"""Gathers all that is known of one contact: what the CRM says, what the pipeline would make of it, what each provider
holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from crm_sync import providers
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.web.overview import switched_off
from crm_sync.web.reading import crm_database, crm_reading, state_database, state_reading
from crm_sync.web.why import Case, Flag, Held, Membership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.foresight import Foreseen


@dataclass
class Person:
    """``contact`` is what the CRM says (None where it was deleted), ``cases`` one case for each provider."""

    contact: Any
    cases: dict[str, Case]
    history: list[Any]


def read_person(contact_id: int, names: list[str]) -> Person | None:
    """All about one contact; None where nobody knows it."""
    with crm_reading() as crm:
        person = crm.row("crm/sync_page/find_people", contact_id=contact_id, subscriber_key=None, name=None)
        memberships = tuple(Membership(*row) for row in crm.rows("crm/sync_page/lists_of", contact_id=contact_id))
        scopes = _scopes(names)
        wanted = {name: _foreseen(name, contact_id, scopes[name]) for name in names}
        list_names = _list_names(crm, memberships, wanted.values())
    address = person.address.strip().lower() if person is not None and person.address else None
    key = {"providers": names, "contact_id": contact_id}
    with state_reading() as state:
        known = _Known(
            holdings=state.rows("page_people/holdings_of", **key, subscriber_key=address),
            lists=state.rows("page_cards/lists_there", providers=names),
            cursors=state.rows("page_cards/cursors", providers=names),
        )
        subscriber_keys = [row.subscriber_key for row in known.holdings] + [
            each.subscriber_key for each in wanted.values() if each.subscriber_key
        ]
        history = state.rows("page_people/operations_of", **key, subscriber_keys=subscriber_keys)
        behind = sorted({each for one in wanted.values() for each in one.held_ids})
        untold = (
            state.row("page_people/unwritten_of", contact_ids=behind, subscriber_keys=subscriber_keys)
            if behind
            else None
        )
        known.opt_outs = state.rows("page_people/opt_outs_of", **key, subscriber_keys=subscriber_keys)
    if person is None and not known.holdings and not history:
        return None
    known.list_names |= list_names
    cases = {name: _case(name, contact_id, wanted[name], memberships, known.of(name), untold) for name in names}
    return Person(person, cases, history)


@dataclass
class _Known:
    """Rows of the ledger about the contact, of all providers or of one."""

    holdings: list[Any]
    lists: list[Any]
    cursors: list[Any]
    opt_outs: list[Any] = field(default_factory=list)
    list_names: dict[int, str] = field(default_factory=dict)

    def named(self, list_id: int) -> str:
        """A list as people know it."""
        return self.list_names.get(list_id) or f"list {list_id}"

    def of(self, provider: str) -> _Known:
        """Those of one provider; the names that the CRM has for lists are the same for all."""
        rows = {name: rows for name, rows in vars(self).items() if name != "list_names"}
        mine = {name: [row for row in each if row.provider == provider] for name, each in rows.items()}
        return _Known(**mine, list_names={row.list_id: row.list_name for row in mine["lists"]} | self.list_names)


def _list_names(crm: Transaction, memberships: tuple[Membership, ...], wanted: Iterable[Foreseen]) -> dict[int, str]:
    """Of the contact's lists, and of those on which somebody of its address has Do Not Contact."""
    sharers = sorted({who for each in wanted for who, lists in each.flags if lists})
    theirs = [row for who in sharers for row in crm.rows("crm/sync_page/lists_of", contact_id=who)]
    return {row.list_id: row.name for row in theirs} | {each.list_id: each.name for each in memberships}


def _scopes(names: list[str]) -> dict[str, str]:
    """The Do Not Contact scope that each provider's last run rests on: that of its workers, not of this server."""
    with state_reading() as state:
        rows = state.rows("page_people/scopes", providers=names)
    here = configuration.read().settings.do_not_contact_scope
    return dict.fromkeys(names, here) | {row.provider: row.do_not_contact_scope for row in rows}


def _foreseen(name: str, contact_id: int, do_not_contact_scope: str) -> Foreseen:
    """What the pipeline itself would do: this page cannot disagree with a run."""
    from crm_sync.pipeline.begin import unopened
    from crm_sync.pipeline.context import RunContext
    from crm_sync.pipeline.foresight import foresee  # loads pandas

    with state_database() as state, crm_database() as crm:
        ctx = RunContext(
            run=replace(unopened(name), do_not_contact_scope=do_not_contact_scope),
            provider=account_hook(name)().sheet(),
            settings=configuration.read().settings,
            state=state,
            crm=crm,
            connect=_never,
            now=datetime.now(UTC),
        )
        return foresee(ctx, contact_id)


def _never() -> NoReturn:
    raise AssertionError("a page calls no provider")


def _case(
    name: str, contact_id: int, wanted: Foreseen, memberships: tuple[Membership, ...], known: _Known, untold: Any
) -> Case:
    sheet = providers.get(name)
    theirs = [row for row in known.holdings if row.subscriber_key not in wanted.others]
    mine = [row for row in theirs if row.subscriber_key == wanted.subscriber_key] or theirs
    subscriber_key = wanted.subscriber_key or (mine[0].subscriber_key if mine else None)
    left = [(row.reason, row.seen_at) for row in known.opt_outs if row.subscriber_key == subscriber_key]
    return Case(
        title=sheet.title,
        after=wanted.after,
        refusal=wanted.refusal,
        provider=name,
        off=switched_off(name),
        is_begun=bool(known.cursors),
        is_in_crm=wanted.is_in_crm,
        needs_address=sheet.keyed_by == "address",
        has_address=wanted.subscriber_key is not None,
        is_blocked=wanted.is_blocked,
        is_wanted=wanted.is_wanted,
        flags=tuple(
            Flag(None if who == contact_id else who, tuple(known.named(each) for each in lists))
            for who, lists in wanted.flags
        ),
        wanted_lists=wanted.lists,
        memberships=memberships,
        held=_held(mine[0], sheet.keyed_by == "address") if mine else None,
        opt_out=left[0] if left else None,
        held_back=(providers.get(untold.provider).title, untold.seen_at) if untold and wanted.held_ids else None,
        aside=wanted.aside,
        excluded=wanted.excluded,
        list_names={number: name for number, name in known.list_names.items() if name},
        refused_lists={row.list_id: row.reason for row in known.lists if row.reason},
        has_lists=sheet.has_lists,
    )


def _held(row: Any, is_by_address: bool) -> Held:
    chose = is_by_address and row.state != "absent" and row.address.strip().lower() != row.subscriber_key
    known = {"address": row.address, "remote_id": row.remote_id}
    told = (row.reason, row.remark, row.refused_at, row.retry_at, row.is_unanswered)
    return Held(row.state, frozenset(row.lists), *told, own_address=row.address if chose else None, **known)
