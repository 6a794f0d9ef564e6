"""Reads from Mailchimp: the account, the people who left, and everything in an audience."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from crm_sync.client import Changed, Left, OptOuts, ReadBack
from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.providers.mailchimp import wire
from crm_sync.transport.network import service_at
from crm_sync.transport.session import decoded, server_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from crm_sync.settings import FieldOf
    from crm_sync.transport.answer import Response
    from crm_sync.transport.session import Transport

# documented: count is at most 1000. https://mailchimp.com/developer/marketing/docs/methods-parameters/#pagination
PAGE = 1000
_PAGES_AT_ONCE = 4
_MEMBER_FIELDS = "members.email_address,members.status,members.id,members.contact_id,total_items"
_FULL_FIELDS = _MEMBER_FIELDS + ",members.merge_fields,members.tags,members.tags_count"
_EVERYBODY = {"fields": _FULL_FIELDS}
_ARCHIVED = {"fields": _FULL_FIELDS, "status": "archived"}
# documented: each data centre has its own host; an account may move to another one.
_DATA_CENTRES = ".api.mailchimp.com"
_LEFT = {"unsubscribed": "unsubscribed", "cleaned": "cleaned"}
# documented: a member lists at most 50 tags; the others take a call of their own.
_TAGS_IN_MEMBER = 50

T = TypeVar("T")


class Page(NamedTuple):
    """A page of members, and its response."""

    content: wire.Members
    response: Response


class _OddPageError(TransientError):
    """An unusable response; the next one may be in order."""


class Reader:
    """Reads of one audience, page by page."""

    def __init__(self, transport: Transport, audience_id: str, further: Mapping[str, FieldOf] | None = None) -> None:
        self._transport = transport
        self._further = further or {}
        self._audience = f"/lists/{audience_id}"

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._transport.host

    def account(self) -> dict[str, str]:
        """See ``crm_sync.client``. documented: the API root."""
        root = self._decode(self._transport.call("GET", "/"), dict)
        contact = root.get("contact") or {}
        return {
            "organization": str(root.get("account_name", "")),
            "contact": ", ".join(str(value) for value in contact.values() if value),
            "host": self.host,
        }

    def identity(self) -> str:
        """The account and its audience; its data centre does not matter. documented: the API root has account_id."""
        account_id = str(self._decode(self._transport.call("GET", "/"), dict).get("account_id") or "")
        service = service_at(self._transport.base_url, _DATA_CENTRES)
        return f"{service}{account_id}{self._audience}" if account_id else ""

    def opt_outs(self, since: datetime | None) -> OptOuts:
        """The people who unsubscribed or bounced, and those who changed since ``since``. documented: the filters status
        and since_last_changed. One call reads both, unless more people changed than a page holds, as after a load that
        wrote everyone: then the people who left are read by a call of their own."""
        if since is None:
            return self._left({"fields": _MEMBER_FIELDS})
        when = {"fields": _MEMBER_FIELDS, "since_last_changed": since.astimezone(UTC).isoformat(timespec="seconds")}
        first = self._page(when, 0)
        found, polled_at = first.content.members, server_time(first.response)
        if first.content.total_items <= PAGE:
            return OptOuts(_left(found), polled_at, lambda: [_changed(found)])
        return OptOuts(self._left(when).people, polled_at, lambda: map(_changed, self._pages(when, first)))

    def _left(self, when: dict[str, Any]) -> OptOuts:
        """The people who left, by calls of their own."""
        asked = [(query, self._page(query, 0)) for query in ({**when, "status": status} for status in _LEFT)]
        members = (member for query, first in asked for member in self._members(query, first))
        return OptOuts(_left(members), server_time(asked[0][1].response))

    def lists(self) -> pd.DataFrame:
        """All tags: remote_id, name, members."""
        found: list[wire.Segment] = []
        while True:
            query = {
                "type": "static",
                "count": PAGE,
                "offset": len(found),
                "fields": "segments.id,segments.name,segments.member_count,total_items",
            }
            page, _ = self._read(f"{self._audience}/segments", query, wire.Segments)
            found += page.segments
            if not page.segments or len(found) >= page.total_items:
                break
        import pandas as pd

        rows = [(str(s.id), s.name.replace("\x00", ""), s.member_count) for s in found]
        return pd.DataFrame(rows, columns=["remote_id", "name", "members"])

    def read_back(self) -> ReadBack:
        """Everyone in the audience, then everyone archived.

        assumed: archived members are listed only if requested by status. If they are always listed, each still appears
        only once.
        """
        first = self._page(_EVERYBODY, 0)
        return ReadBack(
            self._everybody(first),
            server_time(first.response),
            _fields_missing(first.content.members, self._further),
        )

    def _everybody(self, first: Page) -> Iterator[pd.DataFrame]:
        seen: set[str] = set()
        yield from self._unseen(_EVERYBODY, first, seen)
        yield from self._unseen(_ARCHIVED, self._page(_ARCHIVED, 0), seen)

    def _unseen(self, query: dict[str, Any], first: Page, seen: set[str]) -> Iterator[pd.DataFrame]:
        total, counted = first.content.total_items, 0
        for members in self._pages(query, first):
            counted += len(members)
            by_key = {key_of(member): member for member in members if _address(member)}
            fresh = {subscriber_key: member for subscriber_key, member in by_key.items() if subscriber_key not in seen}
            seen |= fresh.keys()
            if fresh:
                yield self._frame(list(fresh.values()))
        if counted < total:
            raise TransientError("the audience changed while it was read; reading it again")

    def _frame(self, members: list[wire.Member]) -> pd.DataFrame:
        import pandas as pd

        from crm_sync.providers.mailchimp.mapping import MERGE_FIELDS

        unfit = self._unfit()
        fields = [
            {tag: _value(m, tag) for tag in MERGE_FIELDS}
            | {tag: None if tag in unfit else m.merge_fields.get(tag) for tag in self._further}
            for m in members
        ]
        return pd.DataFrame(
            {
                "subscriber_key": [key_of(m) for m in members],
                "address": [_address(m) for m in members],
                "remote_id": [m.contact_id for m in members],
                "status": [m.status for m in members],
                "fields": [msgspec.json.encode(each).decode() for each in fields],
                "remote_lists": ["{" + ",".join(str(tag) for tag in self._tags(m)) + "}" for m in members],
            }
        )

    def _unfit(self) -> frozenset[str]:
        """The merge fields of the settings that have another type in the audience."""
        return frozenset()

    def _tags(self, member: wire.Member) -> list[int]:
        if len(member.tags) < _TAGS_IN_MEMBER:
            return [tag.id for tag in member.tags]
        page, _ = self._read(f"{self._audience}/members/{member.id}/tags", {"count": PAGE}, wire.Tags)
        return [tag.id for tag in page.tags]

    def _members(self, query: dict[str, Any], first: Page) -> Iterator[wire.Member]:
        for page in self._pages(query, first):
            yield from page

    def _pages(self, query: dict[str, Any], first: Page) -> Iterator[list[wire.Member]]:
        yield first.content.members
        offsets = range(PAGE, first.content.total_items, PAGE)
        with ThreadPoolExecutor(_PAGES_AT_ONCE) as pool:
            for start in range(0, len(offsets), _PAGES_AT_ONCE):
                group = offsets[start : start + _PAGES_AT_ONCE]
                for page in pool.map(lambda offset: self._page(query, offset), group):
                    yield page.content.members

    def _page(self, query: dict[str, Any], offset: int) -> Page:
        whole = {**query, "count": PAGE, "offset": offset}
        return Page(*self._read(f"{self._audience}/members", whole, wire.Members))

    def _read(self, path: str, query: dict[str, Any], kind: type[T]) -> tuple[T, Response]:
        """Read something, with retries. seen: now and then a page fails with 400 or is cut short, and is in order the
        next time. A ContractError if it never is."""

        def read() -> tuple[T, Response]:
            response = self._transport.once("GET", path, query=query)
            try:
                return self._decode(response, kind), response
            except ContractError as error:
                raise _OddPageError(str(error)) from None

        try:
            return self._transport.again(read)
        except _OddPageError as error:
            raise ContractError(str(error)) from None

    def _member(self, subscriber_key: str) -> str:
        return f"{self._audience}/members/{member_hash(subscriber_key)}"

    def _decode(self, response: Response, kind: type[T]) -> T:
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise ConfigError(
                "the audience is not known to this account; put its id into the connection's extra audience_id"
            )
        return decoded(response, kind)


def _left(members: Iterable[wire.Member]) -> list[Left]:
    left = (Left(key_of(m), _LEFT[m.status], m.contact_id) for m in members if m.status in _LEFT and _address(m))
    return list(dict.fromkeys(left))


def _changed(members: Iterable[wire.Member]) -> list[Changed]:
    return [Changed(m.contact_id, _address(m)) for m in members if _address(m)]


def member_hash(subscriber_key: str) -> str:
    """The hash in a member's path. documented: the MD5 of the lower-cased address."""
    return hashlib.md5(subscriber_key.encode(), usedforsecurity=False).hexdigest()


def _fields_missing(members: list[wire.Member], further: Iterable[str]) -> str:
    """A notice about merge fields that the audience lacks, judged by its first members; "" if it has them all."""
    from crm_sync.providers.mailchimp.mapping import MERGE_FIELDS  # loads pandas

    missing = [tag for tag in (*MERGE_FIELDS, *further) if members and tag not in members[0].merge_fields]
    if not missing:
        return ""
    return (
        f"the audience has no merge field {' and no '.join(missing)}, so people are held without it; to add it, go to"
        " Audience > Settings in Mailchimp"
    )


def _value(member: wire.Member, tag: str) -> str | None:
    """The value of a member's merge field; None if the audience does not have the field, or no longer."""
    return str(member.merge_fields[tag]).replace("\x00", "") if tag in member.merge_fields else None


def _address(member: wire.Member) -> str:
    """The address of a member; "" for a person who only gets text messages, whom the pipeline does not touch."""
    return (member.email_address or "").strip().replace("\x00", "")


def key_of(member: wire.Member) -> str:
    """The subscriber_key of a member."""
    return _address(member).lower()
