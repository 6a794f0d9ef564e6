"""Turns contacts into what a provider should hold: one subscriber for each address, with the union of
its contacts' lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crm_sync.pipeline import arrays
from crm_sync.pipeline.context import RunContext, begin_stage, end_stage, writing
from crm_sync.pipeline.frames import whole_groups

if TYPE_CHECKING:
    from crm_sync.contract import Provider

_CONTROL_CHARACTERS = r"[\x00-\x1f\x7f]+"
_WRITTEN = [
    *("first_name", "last_name", "organization_name", "job_title", "phone", "website"),
    *("address_line1", "address_line2", "city", "state", "postal_code", "country"),
]


def transform(ctx: RunContext) -> dict[str, int]:
    """Write one ``desired`` row for each subscriber; counts."""
    desired_count = contacts = 0
    with writing(ctx) as state:
        begin_stage(ctx, state, "transform")
        with ctx.state.transaction() as reading:
            frames = ctx.frames(reading, f"transform/to_transform_{ctx.provider.audience}", provider=ctx.provider.name)
            for frame in whole_groups(frames, by="subscriber_key"):
                wanted = desired(frame, ctx.provider, ctx.run.do_not_contact_scope)
                contacts += len(frame)
                desired_count += state.write("crm_sync.desired", wanted.assign(run_id=ctx.run.run_id))
        end_stage(ctx, state, "transform")
    return {"contacts": contacts, "subscribers": desired_count}


def desired(contacts: pd.DataFrame, provider: Provider, do_not_contact_scope: str) -> pd.DataFrame:
    """What the CRM wants of each subscriber.

    ``contacts``: rows with the columns of the audience's extract (array and JSON as text), frozen and outside_pilot;
    all rows of a subscriber_key together. Returns subscriber_key, contact_id, contact_ids, address, fields (JSON text),
    lists, wanted, blocked, is_organization, frozen, outside_pilot; a row each.

    Do Not Contact of any contact wins: for all lists, or, in the scope of lists, for its own. The lowest contact id in
    a list names the subscriber, of those whose data is good.
    """
    effective = _effective(contacts, provider, do_not_contact_scope)
    is_shared = effective.duplicated("subscriber_key", keep=False)
    people = _alone(effective[~is_shared])
    if is_shared.any():
        people = pd.concat([people, _together(effective[is_shared])], ignore_index=True)
    return pd.DataFrame(
        {
            **{name: people[name] for name in ("subscriber_key", "contact_id", "contact_ids")},
            "address": _addresses(people),
            "fields": provider.records(_clean(people)),
            **{name: people[name] for name in ("lists", "wanted", "blocked")},
            "is_organization": people["kind"] == "organization",
            "frozen": people["frozen"],
            "outside_pilot": people["outside_pilot"],
        }
    ).reset_index(drop=True)


def _alone(contacts: pd.DataFrame) -> pd.DataFrame:
    """Nearly everyone: a subscriber of one contact."""
    return contacts.assign(
        contact_ids="{" + contacts["contact_id"].astype(str) + "}",
        wanted=contacts["is_wanted"] & ~contacts["is_blocked"],
        blocked=contacts["is_blocked"],
    )


def _together(contacts: pd.DataFrame) -> pd.DataFrame:
    """Each subscriber of several contacts, a row each, by the one that names it."""
    naming = contacts.sort_values(["subscriber_key", "frozen", "is_listless", "contact_id"], kind="stable")
    first = naming.drop_duplicates("subscriber_key").set_index("subscriber_key", drop=False)
    by_key = contacts.groupby("subscriber_key", sort=False)
    is_blocked = by_key["is_blocked"].any()
    answer = first.assign(
        contact_ids=by_key["contact_id"].agg(lambda ids: "{" + ",".join(map(str, sorted(ids))) + "}"),
        lists=arrays.union(contacts["lists"], contacts["subscriber_key"]),
        wanted=by_key["is_wanted"].any() & ~is_blocked,
        blocked=is_blocked,
        frozen=by_key["frozen"].all(),
        outside_pilot=by_key["outside_pilot"].all(),
    )
    return answer.reset_index(drop=True)


def _addresses(first: pd.DataFrame) -> pd.Series:
    """As written; who has none, and may be held without, is called by its number."""
    address = first["address"].str.strip(" ")
    return address.mask(address == "", first["subscriber_key"])


def _effective(contacts: pd.DataFrame, provider: Provider, scope: str) -> pd.DataFrame:
    """Each contact with the lists that count for it, whether it is to be held, and whether Do Not Contact keeps
    it out altogether."""
    lists = provider.mapping.lists(contacts)
    is_listless = lists == arrays.EMPTY
    lists, is_blocked = _heeded(contacts.assign(lists=lists), provider, scope)
    is_wanted = provider.mapping.wanted(contacts.assign(lists=lists))
    return contacts.assign(lists=lists, is_blocked=is_blocked, is_wanted=is_wanted, is_listless=is_listless)


def _heeded(contacts: pd.DataFrame, provider: Provider, scope: str) -> tuple[pd.Series, pd.Series]:
    if not provider.heeds_do_not_contact:
        return contacts["lists"], pd.Series(False, index=contacts.index)
    refuses = contacts["do_not_contact"].astype(bool)
    is_flagged = contacts["flagged_lists"] != arrays.EMPTY
    if scope != "list":
        return contacts["lists"], refuses | is_flagged
    has_some = provider.has_lists and is_flagged.any()
    return _heeded_by_list(contacts, refuses) if has_some else (contacts["lists"], refuses)


def _heeded_by_list(contacts: pd.DataFrame, refuses: pd.Series) -> tuple[pd.Series, pd.Series]:
    """A membership's flag takes its address out of that list, even if other contacts with that address are in it, and
    out of no other."""
    flagged = contacts["subscriber_key"].map(arrays.union(contacts["flagged_lists"], contacts["subscriber_key"]))
    lists = arrays.without(contacts["lists"], flagged)
    remains = (lists != arrays.EMPTY).groupby(contacts["subscriber_key"]).transform("any")
    return lists, refuses | ((flagged != arrays.EMPTY) & ~remains)


def _clean(contacts: pd.DataFrame) -> pd.DataFrame:
    """Control characters, which no form or mail shows, become blanks; outer blanks go."""
    text = contacts[[name for name in _WRITTEN if name in contacts]]
    cleaned: dict[str, Any] = {
        str(name): column.str.replace(_CONTROL_CHARACTERS, " ", regex=True).str.strip() for name, column in text.items()
    }
    return contacts.assign(**cleaned)
