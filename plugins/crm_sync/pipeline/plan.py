"""The heart: a pure difference of what the CRM wants and what the ledger holds, as operations for one provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crm_sync.model import MEMBERSHIP_VERBS, HoldingState, Status, Verb, phase_of
from crm_sync.pipeline import arrays, list_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_sync.providers.base import Provider

COLUMNS = [
    "verb",
    "contact_id",
    "subject",
    "list_id",
    "address",
    "from_subject",
    "list_name",
    "cause",
    "status",
    "reason",
    "rides_on",
    "bundle",
]
_DISABLED = [HoldingState.SUPPRESSED.value, HoldingState.ARCHIVED.value]
_NOT_THERE = ["", HoldingState.ABSENT.value]


def plan(
    scope: pd.DataFrame,
    provider: Provider,
    *,
    doomed_lists: Sequence[int] = (),
    resend: bool = False,
    retry_refused: bool = False,
) -> pd.DataFrame:
    """The operations that make the provider hold what is desired.

    ``scope``: one row for each subscriber (columns of sql/state/to_plan.sql). ``doomed_lists`` are deleted as a whole,
    so nobody is removed from them singly. ``resend`` pushes unchanged records again (a backfill); ``retry_refused``
    offers again what was refused unchanged (a full run), but for what rests.

    Answers a frame of ``COLUMNS``; status is pending, or refused where it is known before a call. ``rides_on`` of a
    membership is the verb of its subscriber whose call does it along the way.
    """
    if provider.subject_by != "address":
        scope = scope.assign(keeps_address=False)
    decided = _decide(scope, resend=resend, retry_refused=retry_refused)
    if provider.verbs.isdisjoint(MEMBERSHIP_VERBS):
        decided = _only_by_record(decided)
    memberships = _riding(pd.concat([_joins(decided), _leaves(decided, doomed_lists)]), decided["verb"], provider)
    people = _subscribers(decided)
    if provider.organizations_first:
        place = decided["is_organization"].map({True: "1", False: "2"})
        people["bundle"] = place.loc[people.index]
        memberships["bundle"] = place.loc[memberships.index]
    return pd.concat([people, _closed(decided), memberships], ignore_index=True).reindex(columns=COLUMNS)


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
    verb[goes & ~is_refused_by_owner] = Verb.ARCHIVE.value

    return row.assign(
        verb=verb,
        cause=_cause(row, verb),
        address=_address_there(row, verb),
        may_update=may_try & is_active,
        is_closed_out=wants_mail & is_closed & ~row["is_frozen"],
        joins=may_come & (is_active | (verb != "")),
        target_lists=row["lists"].where(wants_mail & ~is_closed, arrays.EMPTY),
        lists_there=row["moved_lists"].where(row["moves_from"] != "", row["held_lists"]),
    )


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


def _riding(memberships: pd.DataFrame, verbs: pd.Series, provider: Provider) -> pd.DataFrame:
    """``memberships`` under their subscriber's index, which ``verbs`` has too."""
    own = verbs.loc[memberships.index]
    carried = {verb: provider.carries.get(phase_of(verb), frozenset()) for verb in own.unique() if verb}
    rides = pd.Series(False, index=range(len(own)))
    for verb, takes in carried.items():
        rides |= (own == verb).to_numpy() & memberships["verb"].isin(takes).to_numpy()
    return memberships.assign(rides_on=own.where(rides.to_numpy(), "").to_numpy())


def _operations(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    operations = rows.reindex(columns=COLUMNS).assign(status=Status.PENDING.value).assign(**columns)
    return operations.astype({"contact_id": "Int64", "list_id": "Int64"})


def _subscribers(decided: pd.DataFrame) -> pd.DataFrame:
    rows = decided[decided["verb"] != ""]
    goes = rows["verb"].isin([Verb.SUPPRESS, Verb.ARCHIVE])
    return _operations(rows, address=rows["held_address"].where(goes, rows["address"]), from_subject=rows["moves_from"])


def _closed(decided: pd.DataFrame) -> pd.DataFrame:
    """Whom the CRM wants although they opted out, or bounce, there: a refusal known before the call."""
    rows = decided[decided["is_closed_out"]]
    reason = rows["closed_reason"].where(rows["closed_reason"] != "unsubscribed", "opted_out")
    return _operations(rows, verb=Verb.CREATE.value, status=Status.REFUSED.value, reason=reason)


def _joins(decided: pd.DataFrame) -> pd.DataFrame:
    rows = decided[decided["joins"]]
    ids = arrays.difference(rows["target_lists"], rows["lists_there"])
    return _operations(rows.loc[ids.index], verb=Verb.ADD_TO_LIST.value, list_id=ids.to_numpy(), cause="")


def _leaves(decided: pd.DataFrame, doomed_lists: Sequence[int]) -> pd.DataFrame:
    """Lists that somebody is in there and should not be. Set-aside data keeps nobody in a list that the CRM took
    away."""
    rows = decided[(decided["lists_there"] != arrays.EMPTY) & ~decided["is_leaving"]]
    ids = arrays.difference(rows["lists_there"], rows["target_lists"])
    ids = ids[~ids.isin(list(doomed_lists))]
    rows = rows.loc[ids.index]
    address = rows["address"].where(rows["verb"].isin([Verb.CHANGE_ADDRESS, Verb.UPDATE]), rows["held_address"])
    # Whose new address stands refused is still there under the old one.
    stays = (rows["moves_from"] != "") & (rows["verb"] != Verb.CHANGE_ADDRESS)
    who = {
        "subject": rows["subject"].where(~stays, rows["moves_from"]),
        "address": address.where(~stays, rows["moves_from_address"]),
    }
    return _operations(rows.assign(**who), verb=Verb.REMOVE_FROM_LIST.value, list_id=ids.to_numpy(), cause="")


def replacements(refused: pd.DataFrame) -> pd.DataFrame:
    """What takes the place of address changes that the provider would not make: the new address is enrolled with all
    its
    lists, the old one leaves its lists and is archived. ``refused``: columns of sql/state/refused_moves.sql."""
    old = refused.assign(subject=refused["from_subject"], address=refused["held_address"])
    joins, leaves = arrays.members(refused["lists"]), arrays.members(refused["held_lists"])
    cause = {"cause": "address_replaced"}
    return pd.concat(
        [
            _operations(refused, verb=Verb.CREATE.value, reason="", from_subject="", **cause),
            _operations(old, verb=Verb.ARCHIVE.value, reason="", from_subject="", **cause),
            _operations(
                refused.loc[joins.index],
                verb=Verb.ADD_TO_LIST.value,
                list_id=joins.to_numpy(),
                reason="",
                from_subject="",
            ),
            _operations(
                old.loc[leaves.index],
                verb=Verb.REMOVE_FROM_LIST.value,
                list_id=leaves.to_numpy(),
                reason="",
                from_subject="",
            ),
        ],
        ignore_index=True,
    )


def plan_lists(lists: pd.DataFrame, *, name_characters: int, retry_refused: bool = False) -> pd.DataFrame:
    """The operations on the lists themselves. ``lists``: columns of sql/state/lists_to_plan.sql.

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
            "status": pd.Series(Status.PENDING.value, index=rows.index).where(~too_long, Status.REFUSED.value),
            "reason": pd.Series("", index=rows.index).where(~too_long, "list_name_too_long"),
        }
    )
