"""Why VoterVoice refuses a record, in words; docs/providers/votervoice.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

REASONS = {
    "record_refused": Reason(
        "VoterVoice did not take the record; its reason is free text, and is not read",
        "look at e-mail address and telephone",
    ),
    "address_taken": Reason(
        "another contact id has the e-mail address there, or had it until this night",
        "give one of the two another address; where the other is gone by now, the next night takes it",
    ),
    "not_found": Reason("not found at VoterVoice", "nothing: the next night makes it again"),
    "address_left_out": Reason(
        "VoterVoice took the person without the postal address, so there is no district", "correct the address"
    ),
}
