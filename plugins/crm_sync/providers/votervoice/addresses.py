"""Checked postal addresses: VoterVoice refuses an address without its checksum, and each address is checked only
once."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from crm_sync.providers.votervoice import wire
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_sync.ledger.client_state import ClientState
    from crm_sync.transport.session import Transport

KIND = "address"
# documented: a bad address is reported with 200; assumed: these mean the same.
_NOT_FOUND = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
# documented: the checksum and the fields that it covers.
_SENT = ("checksum", "city", "country", "county", "state", "streetAddress", "zipCode", "zipCodeExtension")


class Addresses:
    """The checked addresses of one batch. ``given``: the addresses of its people."""

    def __init__(self, transport: Transport, client_state: ClientState, given: Iterable[wire.Address]) -> None:
        self._transport = transport
        self._client_state = client_state
        keys = sorted({address.key() for address in given})
        self._known: dict[str, Any] = client_state.get(KIND, keys) if keys else {}
        self._fresh: dict[str, Any] = {}

    def checked(self, address: wire.Address | None) -> dict[str, Any] | None:
        """The address in the form that may be sent; None if there is none or it is not valid."""
        if address is None:
            return None
        key = address.key()
        if key not in self._known:
            self._known[key] = self._fresh[key] = self._ask(address)
        found: dict[str, Any] | None = self._known[key]
        return found

    def forget(self, address: wire.Address | None) -> bool:
        """Have an address checked again, since its checksum may have expired. Returns whether it was a stored one."""
        if address is None or address.key() in self._fresh:
            return False
        return self._known.pop(address.key(), None) is not None

    def give_up(self, address: wire.Address | None) -> None:
        """Treat an address as invalid from now on: VoterVoice does not accept it in a record."""
        if address is not None:
            self._known[address.key()] = self._fresh[address.key()] = None

    def keep(self) -> None:
        """Store the results of new checks."""
        if self._fresh:
            self._client_state.put(KIND, self._fresh)

    def keep_for(self, people: Mapping[str, wire.Address]) -> None:
        """Keep the checks of ``people`` (subscriber_key → address) for as long as they are held."""
        if people:
            self._client_state.pin(KIND, {subscriber_key: address.key() for subscriber_key, address in people.items()})

    def _ask(self, address: wire.Address) -> dict[str, Any] | None:
        query = address.question()
        if not query:
            return None
        response = self._transport.call("GET", "/addresses", query=query)
        if response.status_code in _NOT_FOUND:
            return None
        found = decoded(response, wire.Addresses).addresses or []
        # Several results count as none: a wrong district is worse than no district. So does one without a checksum.
        if len(found) != 1 or found[0].get("checksum") is None:
            return None
        return {name: found[0][name] for name in _SENT if name in found[0]}
