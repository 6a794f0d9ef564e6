"""The difference between what the CRM wants and what the ledger holds, as operations for one provider. Pure
functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crm_sync.model import MEMBERSHIP_VERBS, HoldingState, Verb, phase_of
from crm_sync.pipeline import arrays, list_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_sync.contract import Provider

COLUMNS = [
    "verb",
    "contact_id",
    "subscriber_key",
    "list_id",
    "address",
    "from_subscriber_key",
    "list_name",
    "cause",
    "reason",
    "joins",
    "leaves",
    "carried",
    "bundle",
    "joins_bundle",
    "leaves_bundle",
]
_DISABLED = [HoldingState.SUPPRESSED.value, HoldingState.ARCHIVED.value]
_NOT_THERE = ["", HoldingState.ABSENT.value]


def plan(
    scope: pd.DataFrame,
    provider: Provider,
    *,
    doomed_lists: Sequence[int] = (),
    kept_lists: Sequence[int] = (),
    resend: bool = False,
    retry_refused: bool = False,
) -> pd.DataFrame:
    """The operations that make the provider hold what is desired.

    ``scope``: one row for each subscriber (columns of plan/to_plan). ``doomed_lists`` are deleted as a whole,
    so nobody is removed from them singly; ``kept_lists`` stay as they are, with everyone in them.
    ``resend`` pushes unchanged records again (a backfill); ``retry_refused`` offers again what was refused unchanged
    (a full run), but for what rests.

    Answers a frame of ``COLUMNS``, a row for each subscriber that something is asked about. ``joins``, ``leaves``:
    array text of lists; ``carried``: those of them that the call of the verb does along the way. ``verb`` is "" where
    memberships alone change; ``reason``: why it is refused before any call.
    """
    if provider.keyed_by != "address":
        scope = scope.assign(keeps_address=False)
    kept = _kept_lists(scope, kept_lists)
    # Where lists travel inside the record, people cannot stay in one of them and leave the others.
    by_record = provider.verbs.isdisjoint(MEMBERSHIP_VERBS)
    is_spared = scope["is_outside"].astype(bool) | ((kept != arrays.EMPTY) & (not by_record))
    decided = _decide(scope.assign(kept=kept, is_spared=is_spared), resend=resend, retry_refused=retry_refused)
    if by_record:
        decided = _only_by_record(decided)
    people = _carrying(_operations(decided, doomed_lists), provider)
    if provider.organizations_first:
        place = decided["is_organization"].map({True: "1", False: "2"}).loc[people.index]
        people = people.assign(bundle=place, joins_bundle=place, leaves_bundle=place)
    stay = _leaving_the_old_address(decided, doomed_lists)
    return pd.concat([people, stay], ignore_index=True) if len(stay) else people.reset_index(drop=True)


def _kept_lists(scope: pd.DataFrame, kept_lists: Sequence[int]) -> pd.Series:
    """The lists of each subscriber that stay whatever the CRM says: excluded ones, and of people outside a pilot all
    of them."""
    there = scope["moved_lists"].where(scope["moves_from"].fillna("") != "", scope["held_lists"])
    excluded = pd.Series(arrays.array(kept_lists), index=scope.index)
    kept = arrays.without(there, arrays.without(there, excluded)) if kept_lists else excluded
    return kept.where(~scope["is_outside"].astype(bool), there)


def _decide(scope: pd.DataFrame, *, resend: bool, retry_refused: bool) -> pd.DataFrame:
    """Say of each subscriber which verb it needs ("" for none), its cause, and which lists it should be in."""
    row = scope.assign(closed_reason=scope["closed_reason"].fillna(""), moves_from=scope["moves_from"].fillna(""))
    is_closed = row["closed_reason"] != ""
    wants_mail = row["is_desired"] & row["is_wanted"]
    may_come = wants_mail & ~is_closed & ~row["is_frozen"]
    is_active = row["held_state"] == HoldingState.ACTIVE
    differs = (row["payload_hash"] != row["held_hash"]) | resend
    waits = ~row["may_retry"] & (row["rests"] | (not (retry_refused or resend)))
    stands_refused = waits & (row["refused_hash"] == row["payload_hash"])
    may_try = may_come & ~stands_refused
    is_refused_by_owner = row["is_blocked"] | row["owner_is_blocked"]

    verb = pd.Series("", index=row.index)
    verb[may_try & row["held_state"].isin(_NOT_THERE)] = Verb.CREATE.value
    verb[may_try & is_active & differs] = Verb.UPDATE.value
    verb[may_try & row["held_state"].isin(_DISABLED)] = Verb.ENABLE.value
    verb[may_try & (row["moves_from"] != "")] = Verb.CHANGE_ADDRESS.value
    # Who has yet to confirm there would get mail once they do.
    may_get_mail = row["held_state"].isin([HoldingState.ACTIVE.value, HoldingState.PENDING.value])
    goes = may_get_mail & row["is_managed"] & ~row["is_leaving"] & ~wants_mail
    verb[goes & is_refused_by_owner] = Verb.SUPPRESS.value
    verb[goes & ~is_refused_by_owner & ~row["is_spared"]] = Verb.ARCHIVE.value

    return row.assign(
        verb=verb,
        cause=_cause(row, verb),
        address=_address_there(row, verb),
        may_update=may_try & is_active,
        is_closed_out=wants_mail & is_closed & ~row["is_frozen"],
        joins=may_come & (is_active | (verb != "")),
        target_lists=_target_lists(row, verb, wants_mail & ~is_closed),
        lists_there=row["moved_lists"].where(row["moves_from"] != "", row["held_lists"]),
    )


def _target_lists(row: pd.DataFrame, verb: pd.Series, is_in_lists: pd.Series) -> pd.Series:
    """What the CRM says, and what stays; Do Not Contact takes people outside a pilot out of our lists as well."""
    kept = row["kept"].where(~row["is_outside"].astype(bool) | (verb != Verb.SUPPRESS), arrays.EMPTY)
    return arrays.sorted_union(row["lists"].where(is_in_lists, arrays.EMPTY), kept)


def _address_there(row: pd.DataFrame, verb: pd.Series) -> pd.Series:
    """The address by which the provider knows somebody when the verb is done: the CRM's, unless the person chose
    another there. That one stays until the CRM's changes."""
    keeps = row["keeps_address"] & ~verb.isin([Verb.CREATE, Verb.CHANGE_ADDRESS])
    return row["address"].where(~keeps, row["held_address"])


def _cause(row: pd.DataFrame, verb: pd.Series) -> pd.Series:
    cause = pd.Series("", index=row.index)
    cause[verb == Verb.SUPPRESS] = "do_not_contact"
    cause[(verb == Verb.ARCHIVE) & row["is_desired"]] = "not_eligible"
    cause[(verb == Verb.ARCHIVE) & row["is_desired"] & (row["lists"] == arrays.EMPTY)] = "in_no_list"
    cause[(verb == Verb.ARCHIVE) & ~row["is_desired"]] = "gone_from_crm"
    return cause


def _only_by_record(decided: pd.DataFrame) -> pd.DataFrame:
    """Where lists travel inside the record, a change of lists is an update, and nobody changes lists without a push."""
    verb = decided["verb"]
    differs = decided["may_update"] & (decided["target_lists"] != decided["lists_there"])
    verb = verb.mask(differs & (verb == ""), Verb.UPDATE.value)
    unchanged = decided["lists_there"].where(verb == "", decided["target_lists"])
    return decided.assign(verb=verb, joins=decided["joins"] & (verb != ""), target_lists=unchanged)


def _operations(decided: pd.DataFrame, doomed_lists: Sequence[int]) -> pd.DataFrame:
    """A row for each subscriber of ``decided`` that something is asked about."""
    leaves = _leaves(decided, doomed_lists).where(~_stays(decided), arrays.EMPTY)
    joins = arrays.without(decided["target_lists"].where(decided["joins"], arrays.EMPTY), decided["lists_there"])
    is_closed_out = decided["is_closed_out"]
    is_asked = (decided["verb"] != "") | is_closed_out | (joins != arrays.EMPTY) | (leaves != arrays.EMPTY)
    rows = decided.assign(joins=joins, leaves=leaves)[is_asked]
    return _planned(
        rows,
        verb=rows["verb"].mask(rows["is_closed_out"], Verb.CREATE.value),
        reason=_known_before(rows),
        address=_address_asked_by(rows),
        from_subscriber_key=rows["moves_from"].where(rows["verb"] != "", ""),
    )


def _planned(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Rows of ``COLUMNS``, empty where ``rows`` and ``columns`` say nothing."""
    planned = rows.assign(**columns).reindex(columns=COLUMNS)
    return planned.astype({"contact_id": "Int64", "list_id": "Int64"})


def _known_before(rows: pd.DataFrame) -> pd.Series:
    """People whom the CRM wants although they opted out or bounce at the provider: refusals known before the call."""
    reason = rows["closed_reason"].where(rows["closed_reason"] != "unsubscribed", "opted_out")
    return reason.where(rows["is_closed_out"], "")


def _address_asked_by(rows: pd.DataFrame) -> pd.Series:
    """By which address the provider is asked: whose record is not written, or goes, is known by the one it has."""
    writes = ~rows["verb"].isin(["", Verb.SUPPRESS, Verb.ARCHIVE]) | (
        rows["is_closed_out"] & (rows["leaves"] == arrays.EMPTY)
    )
    return rows["address"].where(writes | (rows["held_address"].fillna("") == ""), rows["held_address"])


def _leaves(decided: pd.DataFrame, doomed_lists: Sequence[int]) -> pd.Series:
    """Lists that somebody is in there and should not be. Set-aside data keeps nobody in a list that the
    CRM took away."""
    leaves = arrays.without(decided["lists_there"], decided["target_lists"]).where(~decided["is_leaving"], arrays.EMPTY)
    doomed = pd.Series(arrays.array(sorted(doomed_lists)), index=decided.index)
    return arrays.without(leaves, doomed) if doomed_lists else leaves


def _stays(decided: pd.DataFrame) -> pd.Series:
    """Whose new address stands refused is still there under the old one."""
    return (decided["moves_from"] != "") & (decided["verb"] != Verb.CHANGE_ADDRESS)


def _leaving_the_old_address(decided: pd.DataFrame, doomed_lists: Sequence[int]) -> pd.DataFrame:
    stay = decided[_stays(decided)]
    rows = stay.assign(
        leaves=_leaves(stay, doomed_lists), subscriber_key=stay["moves_from"], address=stay["moves_from_address"]
    )
    nothing = {"verb": "", "cause": "", "reason": "", "joins": arrays.EMPTY, "carried": arrays.EMPTY}
    return _planned(rows[rows["leaves"] != arrays.EMPTY], **nothing)


def _carrying(planned: pd.DataFrame, provider: Provider) -> pd.DataFrame:
    """``planned`` with the memberships that the call of each verb does along the way."""
    carried = pd.Series(arrays.EMPTY, index=planned.index)
    is_sent = (planned["reason"] == "") & (planned["verb"] != "")
    for verb in planned.loc[is_sent, "verb"].unique():
        takes = provider.carries.get(phase_of(verb), frozenset())
        rows = planned[is_sent & (planned["verb"] == verb)]
        nothing = pd.Series(arrays.EMPTY, index=rows.index)
        joins = rows["joins"] if Verb.ADD_TO_LIST in takes else nothing
        leaves = rows["leaves"] if Verb.REMOVE_FROM_LIST in takes else nothing
        carried.loc[rows.index] = arrays.together(joins, leaves)
    return planned.assign(carried=carried)


def replacements(refused: pd.DataFrame) -> pd.DataFrame:
    """What takes the place of address changes that the provider would not make: the new address is enrolled with all
    its lists, the old one leaves its lists and is archived. ``refused``: columns of load/refused_moves."""
    old = refused.assign(
        subscriber_key=refused["from_subscriber_key"], address=refused["held_address"], leaves=refused["held_lists"]
    )
    told = {"cause": "address_replaced", "reason": "", "from_subscriber_key": "", "carried": arrays.EMPTY}
    return pd.concat(
        [
            _planned(refused, verb=Verb.CREATE.value, joins=refused["lists"], leaves=arrays.EMPTY, **told),
            _planned(old, verb=Verb.ARCHIVE.value, joins=arrays.EMPTY, **told),
        ],
        ignore_index=True,
    )


def plan_lists(lists: pd.DataFrame, *, name_characters: int, retry_refused: bool = False) -> pd.DataFrame:
    """The operations on the lists themselves. ``lists``: columns of plan/lists_to_plan.

    A name that another list still has there, or may have, since the answer to a renaming was lost, is reached over a
    passing name, so that lists may trade names.
    """
    wanted = lists[lists["wanted_id"].notna()].sort_values("wanted_id")
    names = list_names.distinct(_by_id(wanted, "wanted_name"))
    wanted = wanted.assign(target=wanted["wanted_id"].map(names).astype(wanted["wanted_name"].dtype))
    differs = (wanted["remote_id"] == "") | (wanted["target"] != wanted["held_name"])
    stands_refused = (wanted["reason"] != "") & (wanted["crm_name"] == wanted["wanted_name"]) & ~wanted["may_retry"]
    is_tried = differs & (~stands_refused | retry_refused)
    is_needed = wanted["held_name"].str.casefold().isin(wanted.loc[is_tried, "target"].str.casefold())
    may_be_needed = (wanted["remote_id"] != "") & (wanted["held_name"] == "") & (is_tried.sum() > 1)
    is_in_the_way = differs & (is_needed | may_be_needed)
    tried = wanted[is_tried | is_in_the_way]
    creates, renames = tried[tried["remote_id"] == ""], tried[tried["remote_id"] != ""]
    passing = renames[is_in_the_way.loc[renames.index]]
    passing_names = _passing_names(passing, [*lists["held_name"], *wanted["target"]], name_characters)
    gone = lists[lists["wanted_id"].isna() & (lists["remote_id"] != "")]
    return pd.concat(
        [
            _lists(gone, Verb.DELETE_LIST, gone["held_id"], gone["held_name"]),
            _lists(passing, Verb.RENAME_LIST, passing["wanted_id"], passing_names),
            _lists(renames, Verb.RENAME_LIST, renames["wanted_id"], renames["target"], name_characters),
            _lists(creates, Verb.CREATE_LIST, creates["wanted_id"], creates["target"], name_characters),
        ],
        ignore_index=True,
    ).reindex(columns=COLUMNS)


def _by_id(wanted: pd.DataFrame, column: str) -> dict[int, str]:
    return dict(zip(wanted["wanted_id"].tolist(), wanted[column].tolist(), strict=True))


def _passing_names(passing: pd.DataFrame, taken: Sequence[str], name_characters: int) -> pd.Series:
    names = list_names.passing(_by_id(passing, "target"), taken, name_characters)
    return passing["wanted_id"].map(names).astype(passing["target"].dtype)


def _lists(
    rows: pd.DataFrame, verb: Verb, ids: pd.Series, names: pd.Series, name_characters: int | None = None
) -> pd.DataFrame:
    too_long = names.str.len() > name_characters if name_characters else pd.Series(False, index=rows.index)
    return pd.DataFrame(
        {
            "verb": verb.value,
            "list_id": ids,
            "list_name": names,
            "reason": pd.Series("", index=rows.index).where(~too_long, "list_name_too_long"),
            **dict.fromkeys(("joins", "leaves", "carried"), arrays.EMPTY),
        }
    )
