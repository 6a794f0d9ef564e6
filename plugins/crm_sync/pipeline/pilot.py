"""Who takes part in a pilot: everyone else is held back, and left as they are at the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from crm_sync.ledger.database import Transaction
    from crm_sync.pipeline.context import RunContext

OUTSIDE_PILOT = "held_back_by_pilot"


class PilotRoom:
    """Who of a run takes part in the pilot, frame by frame: of those whom its lists and domains admit, people who take
    part already, and others in the order of their contact ids while there is room."""

    def __init__(self, ctx: RunContext, reading: Transaction) -> None:
        self._most = ctx.own.pilot.people
        rows = reading.rows("validate/held_in_pilot", provider=ctx.provider.name, people=self._most or 0)
        self._taking_part = {row.subscriber_key for row in rows}
        self._admitted: list[pd.DataFrame] = []

    def outside(self, wanted: pd.DataFrame, bad: pd.DataFrame) -> pd.DataFrame:
        """contact_id, reason and holds_back of contacts that are outside whatever room there is. ``bad``: rows that are
        set aside for other reasons, and so take no room."""
        is_outside = wanted["outside_pilot"].astype(bool)
        if self._most is not None:
            held_back = bad.loc[bad["holds_back"].astype(bool), "contact_id"]
            fit = wanted[~is_outside & ~wanted["contact_id"].isin(held_back)]
            self._admitted.append(fit[["contact_id", "subscriber_key"]])
        return _outside(wanted.loc[is_outside, "contact_id"])

    def beyond(self) -> pd.DataFrame:
        """The same of contacts for whom there is no room, when all frames have been seen."""
        if self._most is None or not self._admitted:
            return _outside(pd.Series(dtype="int64"))
        everyone = pd.concat(self._admitted).sort_values("contact_id")
        is_new = ~everyone["subscriber_key"].isin(self._taking_part)
        keys = everyone.loc[is_new, "subscriber_key"].drop_duplicates()
        room = max(0, self._most - len(self._taking_part))
        is_beyond = everyone["subscriber_key"].isin(keys.iloc[room:])
        return _outside(everyone.loc[is_beyond, "contact_id"])


def outside(ctx: RunContext, reading: Transaction, wanted: pd.DataFrame, bad: pd.DataFrame) -> list[pd.DataFrame]:
    """What a PilotRoom finds in the only frame."""
    if not ctx.own.pilot.is_on:
        return []
    room = PilotRoom(ctx, reading)
    return [room.outside(wanted, bad), room.beyond()]


def _outside(contact_ids: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"contact_id": contact_ids, "reason": OUTSIDE_PILOT, "holds_back": True})
