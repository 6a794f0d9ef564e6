"""What a provider's client stores between runs: tokens, the number of calls of a day, and results of calls that need
not be repeated."""

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
    """Encrypts tokens: Airflow's Fernet, or the like. ``decrypt`` raises an error for text encrypted with another
    key."""

    def encrypt(self, message: bytes) -> bytes:
        """``message`` encrypted."""

    def decrypt(self, sealed: bytes) -> bytes:
        """The message in the encrypted ``sealed``."""


@dataclass
class TokenSlot:
    """A provider's token, locked against changes by other workers."""

    _sealed: str | None
    _transaction: Transaction
    _provider: str
    _cipher: Cipher

    @property
    def value(self) -> dict[str, Any] | None:
        """The token, a dict of JSON values; None if the provider is not connected.

        Raises:
            DisconnectedError: the token was encrypted with another key; storing a new token resolves this.
            ConfigError: there is no valid key to decrypt with.
        """
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
    """The client state of one provider, in the state database. Each method is a transaction of its own.

    Args:
        state: the state database.
        provider: name of the provider.
        cipher: encrypts the token; other values are stored as they are.
    """

    state: Database
    provider: str
    cipher: Cipher

    @contextmanager
    def token(self) -> Iterator[TokenSlot]:
        """The token, locked: another worker that requests it waits until the ``with`` block ends, and then gets the new
        one."""
        with self.state.transaction() as transaction:
            transaction.rows("client_state/token_lock", provider=self.provider)
            sealed = transaction.value("client_state/token", provider=self.provider)
            yield TokenSlot(sealed, transaction, self.provider, self.cipher)

    def count_calls(self, day: date, calls: int = 1) -> int:
        """Add ``calls`` to those made on ``day``, a date by the provider's clock in UTC. Returns the day's total of all
        workers."""
        with self.state.transaction() as transaction:
            total: int = transaction.value("client_state/count_calls", provider=self.provider, day=day, calls=calls)
        return total

    def calls_of(self, day: date) -> int:
        """The number of calls that all workers have made on ``day``, a date by the provider's clock in UTC."""
        with self.state.transaction() as transaction:
            return transaction.value("client_state/calls_of_day", provider=self.provider, day=day) or 0

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, Any]:
        """The values stored under ``keys`` (key → value); unknown keys are left out. ``kind`` names a group of keys, as
        in ``put``."""
        with self.state.transaction() as transaction:
            rows = transaction.rows("client_state/get", provider=self.provider, kind=kind, keys=list(keys))
        return {row.key: row.value for row in rows}

    def archived(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` whose last operation was an archive, including in the present load."""
        with self.state.transaction() as transaction:
            rows = transaction.rows(
                "client_state/archived_last", provider=self.provider, subscriber_keys=list(subscriber_keys)
            )
        return {row.subscriber_key for row in rows}

    def known(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` that may have been sent before this run, with whatever outcome."""
        with self.state.transaction() as transaction:
            rows = transaction.rows("client_state/known", provider=self.provider, subscriber_keys=list(subscriber_keys))
        return {row.subscriber_key for row in rows}

    def has_held(self, remote_id: str) -> bool:
        """Whether a person was ever recorded with this ``remote_id``, including in the present load."""
        with self.state.transaction() as transaction:
            found: bool = transaction.value("client_state/has_held", provider=self.provider, remote_id=remote_id)
        return found

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Store the result of calls that need not be repeated. A value of the same key is replaced.

        Args:
            kind: name of a group of keys, of the client's own choice.
            values: key → any JSON value.
        """
        with self.state.transaction() as transaction:
            transaction.run(
                "client_state/put",
                provider=self.provider,
                kind=kind,
                keys=list(values),
                values=[json.dumps(value) for value in values.values()],
            )

    def pin(self, kind: str, keys: Mapping[str, str]) -> None:
        """Keep stored values for as long as the provider holds the subscribers whose records were sent with them.

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
