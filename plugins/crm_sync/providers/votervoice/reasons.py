"""The reasons for which VoterVoice refuses a record; docs/providers/votervoice.md has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

REASONS = {
    "record_refused": Reason(
        "VoterVoice rejected the record; it gives its reason as free text, which the pipeline does not read",
        "check the e-mail address and the telephone number",
    ),
    "address_taken": Reason(
        "another contact id has the e-mail address at VoterVoice, or had it until tonight",
        "give one of the two another address; if the other one has left, the next nightly run retries it",
    ),
    "not_found": Reason("not found at VoterVoice", "nothing: the next nightly run creates it again"),
    "address_left_out": Reason(
        "VoterVoice accepted the person without the postal address, so there is no district", "correct the address"
    ),
    "fields_left_out": Reason(
        "VoterVoice accepted the person without the custom fields that the settings fill",
        "check that each value has the type of its field there",
    ),
}
