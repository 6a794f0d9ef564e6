"""What a provider's client remembers between runs: tokens, the day's calls, answers that need not be
asked for twice."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from crm_sync.errors import ConfigError, DisconnectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from crm_sync.ledger.database import Database, Transaction


class Cipher(Protocol):
    """Encrypts tokens: Airflow's Fernet, or something like it. ``decrypt`` raises an error for text of another key."""

    def encrypt(self, message: bytes) -> bytes:
        """The encrypted text of ``message``."""

    def decrypt(self, sealed: bytes) -> bytes:
        """The message of an encrypted text."""


@dataclass
class TokenSlot:
    """A provider's token, locked so that no other worker can change it meanwhile."""

    _sealed: str | None
    _transaction: Transaction
    _provider: str
    _cipher: Cipher

    @property
    def value(self) -> dict[str, Any] | None:
        """The token as JSON-like values; None if the provider is not connected. A DisconnectedError if it was encrypted
        with another key; storing a new token cures that."""
        if self._sealed is None:
            return None
        try:
            token: dict[str, Any] = json.loads(self._cipher.decrypt(self._sealed.encode()))
        except ConfigError:
            raise
        except Exception as error:  # noqa: BLE001  each cipher has its own class for a wrong key
            raise DisconnectedError(
                f"the stored token of {self._provider} was encrypted with another Fernet key ({type(error).__name__});"
                " put that key back, or connect again"
            ) from None
        return token

    def store(self, token: dict[str, Any]) -> None:
        """Store a new token, encrypted. It is committed when the ``with`` block of the slot ends."""
        self._sealed = self._cipher.encrypt(json.dumps(token).encode()).decode()
        self._transaction.run("client_state/store_token", provider=self._provider, sealed=self._sealed)

    def forget(self) -> None:
        """Delete the token."""
        self._transaction.run("client_state/forget_token", provider=self._provider)
        self._sealed = None


@dataclass(frozen=True)
class ClientState:
    """What one provider's client keeps in the state database. Each method is a transaction of its own."""

    state: Database
    provider: str
    cipher: Cipher

    @contextmanager
    def token(self) -> Iterator[TokenSlot]:
        """The token, locked: another worker that asks for it waits until the ``with`` block ends, and then gets
        the new one."""
        with self.state.transaction() as transaction:
            transaction.rows("client_state/token_lock", provider=self.provider)
            sealed = transaction.value("client_state/token", provider=self.provider)
            yield TokenSlot(sealed, transaction, self.provider, self.cipher)

    def count_calls(self, day: date, calls: int = 1) -> int:
        """Add to the calls made on ``day``, a day of the provider's own clock; returns that day's total
        by all workers."""
        with self.state.transaction() as transaction:
            total: int = transaction.value("client_state/count_calls", provider=self.provider, day=day, calls=calls)
        return total

    def calls_of(self, day: date) -> int:
        """Calls made so far on ``day``, a day of the provider's own clock, by all workers."""
        with self.state.transaction() as transaction:
            return transaction.value("client_state/calls_of_day", provider=self.provider, day=day) or 0

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, Any]:
        """The values stored under ``keys``; unknown keys are left out. ``kind`` names a group of keys,
        as in ``put``."""
        with self.state.transaction() as transaction:
            rows = transaction.rows("client_state/get", provider=self.provider, kind=kind, keys=list(keys))
        return {row.key: row.value for row in rows}

    def archived(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` whom the pipeline archived last, including by the load under way."""
        with self.state.transaction() as transaction:
            rows = transaction.rows(
                "client_state/archived_last", provider=self.provider, subscriber_keys=list(subscriber_keys)
            )
        return {row.subscriber_key for row in rows}

    def known(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` that may have been sent before this run, whatever the outcome."""
        with self.state.transaction() as transaction:
            rows = transaction.rows("client_state/known", provider=self.provider, subscriber_keys=list(subscriber_keys))
        return {row.subscriber_key for row in rows}

    def has_held(self, remote_id: str) -> bool:
        """Whether a person was ever known by this id of the provider, including in the load under way."""
        with self.state.transaction() as transaction:
            found: bool = transaction.value("client_state/has_held", provider=self.provider, remote_id=remote_id)
        return found

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Store ``values`` (key → anything that JSON can hold) under ``kind``, such as an answer that need not be asked
        for twice. A value of the same key is replaced."""
        with self.state.transaction() as transaction:
            transaction.run(
                "client_state/put",
                provider=self.provider,
                kind=kind,
                keys=list(values),
                values=[json.dumps(value) for value in values.values()],
            )

    def pin(self, kind: str, keys: Mapping[str, str]) -> None:
        """Note which stored value the record of a subscriber was sent with: it is kept while the subscriber is held.

        Args:
            kind: as in ``put``.
            keys: subscriber_key → key of the value.
        """
        with self.state.transaction() as transaction:
            transaction.run(
                "client_state/pin",
                provider=self.provider,
                kind=kind,
                subscriber_keys=list(keys),
                keys=list(keys.values()),
            )
