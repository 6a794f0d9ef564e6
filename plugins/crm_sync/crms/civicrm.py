"""CiviCRM's API v4, of which the pipeline needs one call: a membership of a group is set to Removed, as CiviCRM itself
does it, with its history and its caches."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from crm_sync.transport.network import Network
from crm_sync.transport.session import RetryPolicy, Transport, decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_sync.contract import Credentials
    from crm_sync.settings import Settings
    from crm_sync.transport.answer import Request

# Source: civicrm-core, CRM/Api4/Page/AJAX.php (form of a call) and ext/authx (X-Civi-Auth).
_UPDATE = "/civicrm/ajax/api4/GroupContact/update"
_TIMEOUT_SECONDS = 60.0
# Ids stand in the address, which servers limit to 8 KB.
_PEOPLE_AT_ONCE = 200


@dataclass(frozen=True, repr=False)
class _Key:
    """An API key, in a header of CiviCRM's own: many web servers keep Authorization from PHP."""

    key: str

    def __call__(self, request: Request) -> Request:
        request.headers["X-Civi-Auth"] = f"Bearer {self.key}"
        request.headers["X-Requested-With"] = "XMLHttpRequest"  # without it, the call is taken for a forged one
        return request


class _Answer(msgspec.Struct):
    """Memberships that were changed."""

    values: list[msgspec.Raw]


def connect(base_url: str, credentials: Credentials, settings: Settings) -> Client:
    """A client of the site at ``base_url``."""
    policy = RetryPolicy(_TIMEOUT_SECONDS, settings.attempts, settings.backoff_seconds)
    return Client(Transport(base_url, _Key(credentials.key), policy).through(Network.of(credentials)))


class Client:
    """One CiviCRM."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def refuse(self, memberships: Sequence[tuple[int, int]]) -> None:
        """Remove contacts from lists, as if they had left: (contact_id, list_id). None: only see whether it may be
        done. Those that are not in the list are left alone. Safe to repeat."""
        by_list: dict[int, list[int]] = defaultdict(list)
        for contact_id, list_id in memberships:
            by_list[list_id].append(contact_id)
        for list_id, everyone in by_list.items():
            for start in range(0, len(everyone), _PEOPLE_AT_ONCE):
                some = everyone[start : start + _PEOPLE_AT_ONCE]
                self._remove(["group_id", "=", list_id], ["contact_id", "IN", some])
        if not by_list:
            self._remove(["id", "=", 0])

    def _remove(self, *which: Sequence[object]) -> None:
        asked = {"where": [*which, ["status", "=", "Added"]], "values": {"status": "Removed"}}
        response = self._transport.call("POST", _UPDATE, query={"params": json.dumps(asked)})
        decoded(response, _Answer)
