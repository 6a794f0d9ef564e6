"""The contract between the engine and a provider: facts as data, verbs that take a batch, and one outcome
for each operation.

The engine plans, orders, batches, retries and keeps the ledger. A provider never does.
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
    from crm_sync.settings import FieldOf, Settings


# Extras of every connection: the way to the service, as crm_sync.transport.network reads it.
NETWORK_EXTRAS = ("proxy", "ca_bundle")


@dataclass(frozen=True)
class OAuth2:
    """Facts about a provider's authorization server.

    ``url``: a person grants access at ``/authorize`` below it, and tokens come from ``/token``.
    ``scopes``: the scopes to request. ``renews``: whether tokens expire and a refresh token renews them (the scopes
    must ask for one); otherwise a token is valid until the person revokes it.
    ``names_host``: whether ``/metadata`` says at which host the API of a token's account is.
    ``secret_in_body``: whether id and secret go into the body, not into the header that RFC 6749 advises.
    ``or_key``: whether a connection without a login holds an API key and needs no authorization.
    """

    url: str
    scopes: tuple[str, ...] = ()
    renews: bool = True
    names_host: bool = False
    secret_in_body: bool = False
    or_key: bool = False


class MappingModule(Protocol):
    """``mapping.py`` of a provider: pure functions of ``contacts``, a frame with the columns of
    its audience's extract."""

    # The record of each contact as JSON text; ``Provider.chosen``, and ``fields`` if the settings have any, are passed
    # in as keyword arguments. Further columns of the CRM are in ``extra``, as JSON text.
    record: Callable[..., pd.Series]
    # contact_id and reason code of what the data team should know; the same ``fields``. A remark does not hold the
    # contact back.
    remarks: Callable[..., pd.DataFrame]

    def fields(self, contacts: pd.DataFrame, /) -> pd.DataFrame:
        """The mapped fields as flat text, a row for each contact; ``Provider.field_bytes`` limits their length."""

    def wanted(self, contacts: pd.DataFrame, /) -> pd.Series:
        """Whether the provider should hold each contact (bool), regardless of Do Not Contact."""

    def lists(self, contacts: pd.DataFrame, /) -> pd.Series:
        """The lists that each contact should be in, as PostgreSQL array text of list ids."""


class ClientModule(Protocol):
    """``client.py`` of a provider."""

    def connect(
        self, provider: Provider, credentials: Credentials, settings: Settings, client_state: ClientState, /
    ) -> Client:
        """A client for the account. Raises a ConfigError if the connection lacks something."""


@dataclass(frozen=True)
class Provider:
    """Facts about a provider. Each number has its source beside it in the provider's own data sheet.

    ``form``: the form of the connection to an account.
    ``audience``: who the provider may hold: the statement ``crm/extract/<audience>``.
    ``keyed_by``: what identifies a subscriber: the address (contacts that share it are one) or the contact_id.
    ``verbs``: the verbs of the client. A provider without list verbs creates lists through the records that name them.
    ``hears_opt_outs``, ``reads_back``: whether the provider can be asked who opted out, and what it holds.
    ``heeds_do_not_contact``: whether Do Not Contact keeps people out of it.
    ``keeps_record``: whether archiving a person who was deleted from the CRM sends the record that the ledger keeps.
    ``batch_sizes``: people in one call, by phase; 1 if a phase is missing.
    ``carries``: by phase, the membership verbs that its calls perform too, so that they need no call of their own.
    ``lists_per_call``: lists in one membership call, and the most that one enrolling call carries.
    ``leavers_first``: whether people leave before others come, because an e-mail address can belong to one person only.
    ``organizations_first``: whether organizations must exist before the people who name them.
    ``calls_per_second``, ``calls_per_day``: the vendor's limits; None where it has none.
    ``isolating_calls``: how many calls a run may spend on finding the records for which batches fail.
    ``is_live``: whether a change in the CRM starts a run at once, besides the schedule; settings may say otherwise.
    ``seconds_between_polls``: how often a job is polled; ``hours_to_wait``: after how long it is given up.
    ``field_bytes``: the longest value of each mapped field, in bytes of UTF-8.
    ``oauth``: how an account is connected in a browser; None if an API key is all it takes.
    ``replaces_when``: reasons for refusing an address change after which the new address is enrolled and the
    old one archived.
    ``lists_wait_when``: reasons for refusing a list that the deletion of another one may remove.
    ``people_wait_when``: reasons for refusing a person that a change of another person may remove.
    ``rests``: reasons that the service withdraws by itself → after how many hours. The record is not sent before, not
    even by a full run, since an attempt would prolong them.
    ``holds``: for a provider without lists, whom it holds, in words.
    ``default_list``: for a provider without lists, the list that everyone is in unless the connection names another.
    ``field_types``: the types of fields that settings may fill from further columns, plain text first; none if there
    are no such fields. ``most_fields``: how many of them, None for any number. ``field_prefix``: before their names in
    a record. ``may_require_fields``: whether the provider may refuse people who lack one. ``fields``: those that the
    settings have.
    ``by_connection``: facts that depend on the connection: its extras → the facts that replace those of the sheet.
    ``chosen``: the part of them that the mapping gets and that a run's fingerprint covers.
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
    is_live: bool = False
    isolating_calls: int = 256
    seconds_between_polls: float = 10
    hours_to_wait: float = 2
    oauth: OAuth2 | None = None
    replaces_when: tuple[str, ...] = ()
    lists_wait_when: tuple[str, ...] = ()
    people_wait_when: tuple[str, ...] = ()
    rests: Mapping[str, int] = field(default_factory=dict)
    holds: str = ""
    default_list: str = ""
    documentation: str = ""
    field_types: tuple[str, ...] = ()
    most_fields: int | None = None
    field_prefix: str = ""
    may_require_fields: bool = False
    fields: Mapping[str, FieldOf] = field(default_factory=dict)
    by_connection: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)

    def as_connected(self, extras: Mapping[str, Any]) -> Provider:
        """The data sheet for a connection with these extras. An invalid extra is a ConfigError."""
        return replace(self, **self.by_connection(extras)) if self.by_connection else self

    @property
    def connection_id(self) -> str:
        """The Airflow connection of its account."""
        return f"{self.name}_default"

    def batch_size(self, phase: str) -> int:
        """People in one call of a phase. An unknown phase is a KeyError: a fault of the engine."""
        return self.batch_sizes.get(phase, 1) if phase in PHASES else self.batch_sizes[phase]

    @property
    def extras(self) -> tuple[str, ...]:
        """The extras that its connection takes."""
        return (*self.form.fields, *NETWORK_EXTRAS)

    @property
    def phases(self) -> list[str]:
        """The phases of a load, in order."""
        first = ["archive"] if self.leavers_first else []
        return [*first, *(phase for phase in PHASES if phase not in first)]

    @property
    def has_lists(self) -> bool:
        """Whether the provider has lists, by calls of their own or inside its records."""
        verbs = self.verbs.union(*self.carries.values())
        return not verbs.isdisjoint(MEMBERSHIP_VERBS)

    @property
    def shares_calls(self) -> bool:
        """Whether one call may perform several operations of one person."""
        return bool(self.carries) or self.lists_per_call > 1

    @property
    def mapping(self) -> MappingModule:
        """The provider's pure module ``mapping``; loaded when it is first used."""
        found: Any = importlib.import_module(f"crm_sync.providers.{self.name}.mapping")
        mapping: MappingModule = found
        return mapping

    def records(self, contacts: pd.DataFrame) -> pd.Series:
        """The record of each contact as JSON text, with the options of the connection: see ``MappingModule``."""
        return self.mapping.record(contacts, **self.chosen, **self._fields())

    def remarks(self, contacts: pd.DataFrame) -> pd.DataFrame:
        """What the data team should know of contacts: see ``MappingModule``."""
        return self.mapping.remarks(contacts, **self._fields())

    def with_fields(self, fields: Mapping[str, FieldOf]) -> Provider:
        """The data sheet with the fields that the settings have."""
        return replace(self, fields={name: fields[name] for name in sorted(fields)}) if fields else self

    def _fields(self) -> dict[str, Any]:
        return {"fields": self.fields} if self.fields else {}

    @property
    def further_columns(self) -> tuple[str, ...]:
        """The columns of the extract that only those fields need."""
        return tuple(sorted({each.column for each in self.fields.values()}))

    @property
    def reasons(self) -> Mapping[str, Reason]:
        """What each reason code means and what to do: the engine's codes and the provider's own ``reasons.REASONS``,
        which may reword those of the engine."""
        own: Mapping[str, Reason] = importlib.import_module(f"crm_sync.providers.{self.name}.reasons").REASONS
        return {**reasons.ENGINE, **own}

    def connects_by_oauth(self, credentials: Credentials) -> bool:
        """Whether a person must grant access in a browser. If a key would do as well, a login in
        the connection decides."""
        return self.oauth is not None and (bool(credentials.login) or not self.oauth.or_key)

    def connect(self, credentials: Credentials, settings: Settings, client_state: ClientState) -> Client:
        """A client for the account. An unknown or missing extra is a ConfigError."""
        unknown = sorted(set(credentials.extras) - set(self.extras))
        if unknown:
            known = ", ".join(self.extras)
            raise ConfigError(f"connection {self.connection_id}: unknown extra {', '.join(unknown)}; it takes {known}")
        found: Any = importlib.import_module(f"crm_sync.providers.{self.name}.client")
        module: ClientModule = found
        return module.connect(self, credentials, settings, client_state)


@dataclass(frozen=True)
class Credentials:
    """The credentials in an Airflow connection. ``key``: its password; ``login`` may be empty."""

    key: str
    login: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)

    def require(self, connection_id: str, key_title: str, *extras: str) -> None:
        """Raise a DisconnectedError if the key or one of ``extras`` is missing, or if the key cannot be valid."""
        if not self.key or not all(self.extras.get(name) for name in extras):
            needed = " and the extra ".join((f"the {key_title} (its key) as password", *extras))
            raise DisconnectedError(f"connection {connection_id} needs {needed}")
        if not (self.key.isascii() and self.key.isprintable()):
            raise DisconnectedError(
                f"connection {connection_id}: the {key_title} contains a character that keys never contain; paste it"
                " again"
            )
