"""POST /lists/{list_id}: up to 500 members in one call, each with its own fate, in an answer that is always 200."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from standins.mailchimp import bodies, members
from standins.mailchimp.errors import Refusal, invalid, text
from standins.mailchimp.segments import tag_ids
from standins.mailchimp.state import Account, Audience, Member, key_of

LARGEST_BATCH = 500


class BatchSubscribe:
    """One batch call: what became of its items."""

    def __init__(self, account: Account, audience: Audience, query: dict[str, Any]) -> None:
        self._account, self._audience = account, audience
        self._skips_duplicates = query.get("skip_duplicate_check", False)
        self._skips_required = query.get("skip_merge_validation", False)
        self._seen: set[bytes] = set()
        self.new: list[Member] = []
        self.updated: list[Member] = []
        self.errors: list[dict[str, str]] = []

    def apply(self, batch: bodies.Batch) -> None:
        """Take every item in turn. Raises Refusal for the whole call where it is over 500, or has an address twice."""
        if len(batch.members) > LARGEST_BATCH:
            raise invalid("members", "too_many_items", LARGEST_BATCH, len(batch.members))
        self._check_duplicates(batch)
        for item in batch.members:
            try:
                self._take(item, batch)
            except Refusal as refusal:
                self.errors.append(self._error(item, refusal))

    def _check_duplicates(self, batch: bodies.Batch) -> None:
        sent = [item.email_address for item in batch.members if isinstance(item.email_address, str)]
        if not self._skips_duplicates and len({key_of(address) for address in sent}) < len(sent):
            raise invalid("members", "duplicate")

    def _take(self, item: bodies.BatchMember, batch: bodies.Batch) -> None:
        address = item.email_address if isinstance(item.email_address, str) else ""
        members.check_address(self._account, self._audience, address)
        key = key_of(address)
        if key in self._seen:
            return
        self._seen.add(key)
        known = self._audience.members.get(key)
        member = self._update(known, item, batch.update_existing) if known else self._create(address, item)
        self._tag(member, item, batch.sync_tags)

    def _create(self, address: str, item: bodies.BatchMember) -> Member:
        status = item.status if isinstance(item.status, str) else item.status_if_new
        if not isinstance(status, str):
            raise Refusal(400, "", "no_status", fields=(("status", "no_status"),))
        member = members.created(self._audience, address, status, item, self._skips_required)
        self.new.append(member)
        return member

    def _update(self, member: Member, item: bodies.BatchMember, may_update: bool) -> Member:
        if not may_update:
            raise Refusal(400, "ERROR_CONTACT_EXISTS", "batch_exists", member.address)
        if item.status is UNSET and self._account.switches.batch_without_status == "error":
            raise Refusal(400, "", "no_status", fields=(("status", "no_status"),))
        try:
            members.check_status(member, item.status)
        except Refusal:
            if self._account.switches.compliance_in_batch == "error":
                raise
        else:
            members.change(self._audience, member, item.status, item, self._skips_required)
        self.updated.append(member)
        return member

    def _tag(self, member: Member, item: bodies.BatchMember, replaces: bool) -> None:
        sent = item.tags if self._account.switches.batch_tags == "on" else UNSET
        if not replaces and sent is UNSET:
            return
        tags = tag_ids(self._audience, sent or [])
        kept = () if replaces else member.tags
        self._audience.set_tags(member, tuple(dict.fromkeys([*kept, *tags])))

    def _error(self, item: bodies.BatchMember, refusal: Refusal) -> dict[str, str]:
        language = self._account.switches.language
        exists = refusal.title == "ERROR_CONTACT_EXISTS"
        is_dotted = self._account.switches.error_fields == "dotted"
        fields = refusal.field_errors(language, is_dotted=is_dotted) or [{"field": "", "message": ""}]
        return {
            "email_address": item.email_address if isinstance(item.email_address, str) else "",
            "error": text(refusal.key, language, *refusal.details),
            "error_code": "ERROR_CONTACT_EXISTS" if exists else "ERROR_GENERIC",
            "field": fields[0]["field"],
            "field_message": fields[0]["message"],
        }
