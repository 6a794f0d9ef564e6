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
    """What seals tokens: Airflow's Fernet, or one of its kind. ``decrypt`` raises ValueError for another key."""

    def encrypt(self, message: bytes) -> bytes:
        """Sealed."""

    def decrypt(self, sealed: bytes) -> bytes:
        """Opened again."""


@dataclass
class TokenSlot:
    """A provider's token while nobody else can change it."""

    _sealed: str | None
    _transaction: Transaction
    _provider: str
    _cipher: Cipher

    @property
    def value(self) -> dict[str, Any] | None:
        """The token; None where there is none. A ConfigError where it was sealed with another key, which a
        new token fixes."""
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
        """Keep a new token, encrypted; it counts once the ``with`` of the slot has ended."""
        self._sealed = self._cipher.encrypt(json.dumps(token).encode()).decode()
        self._transaction.run("client_state/store_token", provider=self._provider, sealed=self._sealed)

    def forget(self) -> None:
        """Disconnect."""
        self._transaction.run("client_state/forget_token", provider=self._provider)
        self._sealed = None


@dataclass(frozen=True)
class ClientState:
    """The memory of one provider, in the state database."""

    state: Database
    provider: str
    cipher: Cipher

    @contextmanager
    def token(self) -> Iterator[TokenSlot]:
        """The token, locked: another worker that wants it waits until the ``with`` ends, and then sees the new one."""
        with self.state.transaction() as transaction:
            transaction.rows("client_state/token_lock", provider=self.provider)
            sealed = transaction.value("client_state/token", provider=self.provider)
            yield TokenSlot(sealed, transaction, self.provider, self.cipher)

    def count_calls(self, day: date, calls: int = 1) -> int:
        """Add calls of a provider's day; all of that day so far, by every worker."""
        with self.state.transaction() as transaction:
            total: int = transaction.value("client_state/count_calls", provider=self.provider, day=day, calls=calls)
        return total

    def calls_of(self, day: date) -> int:
        """Calls made on a provider's day."""
        with self.state.transaction() as transaction:
            return transaction.value("client_state/calls_of_day", provider=self.provider, day=day) or 0

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, Any]:
        """What is remembered under ``keys``; those unknown are left out."""
        with self.state.transaction() as transaction:
            rows = transaction.rows("client_state/get", provider=self.provider, kind=kind, keys=list(keys))
        return {row.key: row.value for row in rows}

    def archived(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` whom the pipeline last took away there, in the load that is under way too."""
        with self.state.transaction() as transaction:
            rows = transaction.rows(
                "client_state/archived_last", provider=self.provider, subscriber_keys=list(subscriber_keys)
            )
        return {row.subscriber_key for row in rows}

    def known(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` who may have been sent before this run, whatever came of it."""
        with self.state.transaction() as transaction:
            rows = transaction.rows("client_state/known", provider=self.provider, subscriber_keys=list(subscriber_keys))
        return {row.subscriber_key for row in rows}

    def has_held(self, remote_id: str) -> bool:
        """Whether anybody was ever known there by this id, in the load that is under way too."""
        with self.state.transaction() as transaction:
            found: bool = transaction.value("client_state/has_held", provider=self.provider, remote_id=remote_id)
        return found

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Keep answers by key."""
        with self.state.transaction() as transaction:
            transaction.run(
                "client_state/put",
                provider=self.provider,
                kind=kind,
                keys=list(values),
                values=[json.dumps(value) for value in values.values()],
            )

    def pin(self, kind: str, keys: Mapping[str, str]) -> None:
        """Keep which answer the record of a subscriber is sent with, subscriber_key → key: while they are held, it
        is not forgotten."""
        with self.state.transaction() as transaction:
            transaction.run(
                "client_state/pin",
                provider=self.provider,
                kind=kind,
                subscriber_keys=list(keys),
                keys=list(keys.values()),
            )
