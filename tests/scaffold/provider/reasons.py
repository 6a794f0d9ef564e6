"""Why Acme Mail refuses a record; its page of docs/providers has the same table."""

from __future__ import annotations

from crm_sync.reasons import Reason

REASONS = {
    "record_refused": Reason("Acme Mail rejected the record", "check the e-mail address"),
}
