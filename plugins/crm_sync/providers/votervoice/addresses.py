"""Checked postal addresses: each is asked for once, ever, since an address without the vendor's checksum is refused."""

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
# documented: a bad address is reported with 200; assumed: these say the same.
_NOT_FOUND = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
# documented: what comes with a checksum, and what the checksum belongs to.
_SENT = ("checksum", "city", "country", "county", "state", "streetAddress", "zipCode", "zipCodeExtension")


class Addresses:
    """The checked addresses of one batch. ``given``: those that will be asked for."""

    def __init__(self, transport: Transport, client_state: ClientState, given: Iterable[wire.Address]) -> None:
        self._transport = transport
        self._client_state = client_state
        keys = sorted({address.key() for address in given})
        self._known: dict[str, Any] = client_state.get(KIND, keys) if keys else {}
        self._fresh: dict[str, Any] = {}

    def checked(self, address: wire.Address | None) -> dict[str, Any] | None:
        """The address as it may be sent; None where there is none, or none that is good."""
        if address is None:
            return None
        key = address.key()
        if key not in self._known:
            self._known[key] = self._fresh[key] = self._ask(address)
        found: dict[str, Any] | None = self._known[key]
        return found

    def forget(self, address: wire.Address | None) -> bool:
        """Ask again for an address that was only remembered: a checksum may have had its day. Whether that is so."""
        if address is None or address.key() in self._fresh:
            return False
        return self._known.pop(address.key(), None) is not None

    def give_up(self, address: wire.Address | None) -> None:
        """What was found is not taken in a record: as good as none, from now on."""
        if address is not None:
            self._known[address.key()] = self._fresh[address.key()] = None

    def keep(self) -> None:
        """Remember what was asked."""
        if self._fresh:
            self._client_state.put(KIND, self._fresh)

    def keep_for(self, people: Mapping[str, wire.Address]) -> None:
        """Keep who lives where (subscriber_key → address), so that nobody's check is forgotten while they are held."""
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
        # Several are as good as none: a wrong district is worse than no district. So is one without its checksum.
        if len(found) != 1 or found[0].get("checksum") is None:
            return None
        return {name: found[0][name] for name in _SENT if name in found[0]}
