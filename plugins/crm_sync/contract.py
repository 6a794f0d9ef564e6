"""The contract between the engine and a provider: facts as data, verbs that take a batch, one outcome
for each operation.

The engine plans, orders, batches, tries again and keeps the ledger. A provider never does.
A new provider is a folder with a data sheet (``PROVIDER``), a pure ``mapping`` and a ``client`` with the verbs it has.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from crm_sync import reasons
from crm_sync.errors import ConfigError, DisconnectedError
from crm_sync.model import MEMBERSHIP_VERBS, PHASES, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from crm_sync.client import Client
    from crm_sync.forms import Form
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.reasons import Reason
    from crm_sync.settings import Settings


# Extras of every connection: the way to the service, as crm_sync.transport.network reads it.
NETWORK_EXTRAS = ("proxy", "ca_bundle")


@dataclass(frozen=True)
class OAuth2:
    """What is true of a provider's authorization server.

    ``url``: a person allows at ``/authorize`` below it, and tokens come from ``/token``.
    ``scopes``: what is asked for. ``renews``: tokens end, and a refresh token, which the scopes must ask for, renews
    them; else a token lasts until the person takes the permission back.
    ``names_host``: ``/metadata`` says where the API of a token's account is.
    ``secret_in_body``: whether it looks there for id and secret, not in the header that RFC 6749 advises.
    ``or_key``: a connection without a login holds a key, and needs no authorization.
    """

    url: str
    scopes: tuple[str, ...] = ()
    renews: bool = True
    names_host: bool = False
    secret_in_body: bool = False
    or_key: bool = False


class MappingModule(Protocol):
    """``mapping.py`` of a provider: pure functions of ``contacts``, with the columns of its audience's extract."""

    # What is sent of each contact, as JSON text; ``Provider.chosen`` is handed to it by name.
    record: Callable[..., pd.Series]

    def fields(self, contacts: pd.DataFrame, /) -> pd.DataFrame:
        """Flat text, a row for each contact, that ``field_bytes`` measures."""

    def wanted(self, contacts: pd.DataFrame, /) -> pd.Series:
        """Which contacts the provider is to hold (bool), Do Not Contact apart."""

    def lists(self, contacts: pd.DataFrame, /) -> pd.Series:
        """In which lists each contact is to be, as PostgreSQL array text of list ids."""

    def remarks(self, contacts: pd.DataFrame, /) -> pd.DataFrame:
        """contact_id, reason of what the data team should know; such a row holds nobody back."""


class ClientModule(Protocol):
    """``client.py`` of a provider."""

    def connect(
        self, provider: Provider, credentials: Credentials, settings: Settings, client_state: ClientState, /
    ) -> Client:
        """A client for the account. A ConfigError where the connection lacks something."""


@dataclass(frozen=True)
class Provider:
    """What is true of a provider, each number with its source beside it in the provider's own data sheet.

    ``form``: what an account's connection asks for.
    ``audience``: who may be held there: the statement ``crm/extract/<audience>``.
    ``keyed_by``: what one subscriber is: an address (contacts who share it are one) or a contact_id.
    ``verbs``: those the client has. A provider without list verbs makes its lists by the records that name them.
    ``hears_opt_outs``, ``reads_back``: whether it can be asked who left, and what it holds.
    ``heeds_do_not_contact``: whether Do Not Contact keeps anybody out of it.
    ``keeps_record``: whether the ledger keeps what was sent, since the last push of somebody deleted from the CRM
    needs it.
    ``batch_sizes``: people in one call, by phase; a phase without a number sends one at a time.
    ``carries``: membership verbs that the calls of a phase do along the way, by phase; they have no call of their own.
    ``lists_per_call``: lists of one membership call, and the most that one enrolling call carries.
    ``leavers_first``: whether people leave before others come, since what they had, an e-mail address, is one person's.
    ``organizations_first``: whether organizations must be there before the people who name them.
    ``calls_per_second``, ``calls_per_day``: the vendor's limits; None where it has none.
    ``isolating_calls``: how many calls of verbs a run may spend on finding the records for which others fail.
    ``seconds_between_polls``: how often work that goes on there is asked about; ``hours_to_wait``: when it is given up.
    ``field_bytes``: longest value of each mapped field, in bytes of UTF-8.
    ``oauth``: how an account is connected in a browser; None where a key is all it takes.
    ``replaces_when``: refusals of an address change after which the new address is enrolled and the old one archived.
    ``lists_wait_when``: refusals of a list that the end of another one may lift. ``people_wait_when``: refusals of a
    person that a change of another one may lift.
    ``rests``: refusals that the service takes back by itself, and after how many hours; not offered before, by a full
    run either, since an attempt would prolong them.
    ``default_list``: where everybody is, unless the connection names another list, in a provider without lists.
    ``by_connection``: facts that are a choice of the account's: extras of its connection → what stands in their place.
    ``chosen``: what of that the mapping is given, and the fingerprint of a run covers.
    """

    name: str
    title: str
    schedule: str
    form: Form
    batch_sizes: Mapping[str, int]
    concurrency: int
    timeout_seconds: float
    field_bytes: Mapping[str, int]
    list_name_characters: int
    audience: str = "subscribers"
    keyed_by: str = "address"
    verbs: frozenset[Verb] = frozenset(Verb)
    hears_opt_outs: bool = True
    reads_back: bool = True
    heeds_do_not_contact: bool = True
    keeps_record: bool = False
    carries: Mapping[str, frozenset[Verb]] = field(default_factory=dict)
    lists_per_call: int = 1
    leavers_first: bool = False
    organizations_first: bool = False
    calls_per_second: float | None = None
    calls_per_day: int | None = None
    isolating_calls: int = 256
    seconds_between_polls: float = 10
    hours_to_wait: float = 2
    oauth: OAuth2 | None = None
    replaces_when: tuple[str, ...] = ()
    lists_wait_when: tuple[str, ...] = ()
    people_wait_when: tuple[str, ...] = ()
    rests: Mapping[str, int] = field(default_factory=dict)
    default_list: str = ""
    documentation: str = ""
    by_connection: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)

    def as_connected(self, extras: Mapping[str, Any]) -> Provider:
        """The sheet of an account whose connection has these extras. One that is not allowed is a ConfigError."""
        return replace(self, **self.by_connection(extras)) if self.by_connection else self

    @property
    def connection_id(self) -> str:
        """The Airflow connection of its account."""
        return f"{self.name}_default"

    def batch_size(self, phase: str) -> int:
        """People in one call of a phase. An unknown phase is a KeyError of the engine's own making."""
        return self.batch_sizes.get(phase, 1) if phase in PHASES else self.batch_sizes[phase]

    @property
    def extras(self) -> tuple[str, ...]:
        """The extras that its connection takes."""
        return (*self.form.fields, *NETWORK_EXTRAS)

    @property
    def phases(self) -> list[str]:
        """The phases of a load in their order."""
        first = ["archive"] if self.leavers_first else []
        return [*first, *(phase for phase in PHASES if phase not in first)]

    @property
    def has_lists(self) -> bool:
        """Whether it holds lists at all, by calls of their own or inside its records."""
        verbs = self.verbs.union(*self.carries.values())
        return not verbs.isdisjoint(MEMBERSHIP_VERBS)

    @property
    def shares_calls(self) -> bool:
        """Whether one call may do several operations of one person."""
        return bool(self.carries) or self.lists_per_call > 1

    @property
    def mapping(self) -> MappingModule:
        """The provider's pure module; loaded when first asked for."""
        found: Any = importlib.import_module(f"crm_sync.providers.{self.name}.mapping")
        mapping: MappingModule = found
        return mapping

    def records(self, contacts: pd.DataFrame) -> pd.Series:
        """What is sent of each contact, as the account chose: see ``mapping``."""
        return self.mapping.record(contacts, **self.chosen)

    @property
    def reasons(self) -> Mapping[str, Reason]:
        """What each code means that an operation may end with, and what to do: the engine's, and the provider's own
        ``reasons.REASONS``, which may say an engine's code in its own words."""
        own: Mapping[str, Reason] = importlib.import_module(f"crm_sync.providers.{self.name}.reasons").REASONS
        return {**reasons.ENGINE, **own}

    def connects_by_oauth(self, credentials: Credentials) -> bool:
        """Whether somebody must allow the account in a browser; where a key would do, a login says so."""
        return self.oauth is not None and (bool(credentials.login) or not self.oauth.or_key)

    def connect(self, credentials: Credentials, settings: Settings, client_state: ClientState) -> Client:
        """A client for the account. An extra that is not allowed, or is missing, is a ConfigError."""
        unknown = sorted(set(credentials.extras) - set(self.extras))
        if unknown:
            known = ", ".join(self.extras)
            raise ConfigError(f"connection {self.connection_id}: unknown extra {', '.join(unknown)}; it takes {known}")
        found: Any = importlib.import_module(f"crm_sync.providers.{self.name}.client")
        module: ClientModule = found
        return module.connect(self, credentials, settings, client_state)


@dataclass(frozen=True)
class Credentials:
    """What an Airflow connection says of an account: its key is the password, ``login`` may be empty."""

    key: str
    login: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)

    def require(self, connection_id: str, key_title: str, *extras: str) -> None:
        """A ConfigError where the key or one of ``extras`` is missing, or the key cannot be one."""
        if not self.key or not all(self.extras.get(name) for name in extras):
            needed = " and the extra ".join((f"the {key_title} (its key) as password", *extras))
            raise DisconnectedError(f"connection {connection_id} needs {needed}")
        if not (self.key.isascii() and self.key.isprintable()):
            raise DisconnectedError(
                f"connection {connection_id}: the {key_title} contains a character that keys never contain; paste it"
                " again"
            )
