"""Holds back, at every provider, people who opted out at one of them while the CRM does not show it: their memberships
are read as though the flag were there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crm_sync.pipeline.write_back import PEOPLE_AT_ONCE, Behind, concerned

if TYPE_CHECKING:
    import pandas as pd

    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.context import RunContext

# The contact, and the lists that are closed to it; None for all that it is in.
Held = dict[int, list[int] | None]
_ARRAYS = ("lists", "flagged_lists")


def held_back(state: Transaction, crm: Transaction, audience: str) -> Held:
    """Whose opt-out the CRM rejected, list by list, or has not received yet."""
    held: Held = {row.contact_id: row.list_ids for row in state.rows("extract/memberships_held_back")}
    untold = state.rows("opt_outs/opt_outs_to_write", provider=None, after="", limit=PEOPLE_AT_ONCE)
    contacts = concerned(crm, audience, [Behind(*row) for row in untold])
    return held | {contact.contact_id: None for _, contact in contacts}


def note(ctx: RunContext, state: Transaction, crm: Transaction) -> list[int]:
    """Record with the run whom it holds back, and return the contacts that it must decide about for that reason."""
    held = held_back(state, crm, ctx.provider.audience) if ctx.provider.heeds_do_not_contact else {}
    state.run("extract/note_held_back", run_id=ctx.run.run_id, held_back=json.dumps(held))
    anew = state.rows("extract/held_back_anew", run_id=ctx.run.run_id, provider=ctx.provider.name)
    return [row.contact_id for row in anew]


def as_though_told(contacts: pd.DataFrame, held: Held) -> pd.DataFrame:
    """The same of ``contacts``, a few rows of an extract (arrays as text)."""
    answer = contacts.copy()
    for index, contact in contacts[contacts["contact_id"].isin(list(held))].iterrows():
        theirs, flagged = ({int(each) for each in contact[name].strip("{}").split(",") if each} for name in _ARRAYS)
        closed = held[contact["contact_id"]]
        flagged |= theirs if closed is None else theirs & set(closed)
        answer.loc[[index], "flagged_lists"] = "{" + ",".join(map(str, sorted(flagged))) + "}"
    return answer


def hold_back(ctx: RunContext, state: Transaction) -> None:
    """In what was extracted. An opt-out that the CRM has forgotten holds as well; the next run writes it again."""
    state.run("extract/hold_back", run_id=ctx.run.run_id)
    if ctx.source.forgets_opt_outs and ctx.provider.heeds_do_not_contact:
        state.run("extract/hold_forgotten", run_id=ctx.run.run_id, is_dry=ctx.run.dry_run)
