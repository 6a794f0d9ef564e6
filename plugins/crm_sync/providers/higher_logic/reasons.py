"""The reasons for which Higher Logic refuses a record; docs/providers/higher_logic.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

_LOOK = "check the record: address, dates, long names"

REASONS = {
    "record_refused": Reason("pushed alone, the record failed; Higher Logic gives no reason", _LOOK),
    "record_skipped": Reason("pushed alone, the record succeeded but was not counted", _LOOK),
    "organization_in_list": Reason(
        "an organization is in a list; communities are for people", "nothing, or take it out of the list"
    ),
}
