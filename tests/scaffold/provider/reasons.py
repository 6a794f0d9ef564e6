"""Why Acme Mail refuses a record; its page of docs/providers has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

REASONS = {
    "record_refused": Reason("Acme Mail did not take the record", "look at the e-mail address"),
}
