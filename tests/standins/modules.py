"""What each module of a provider's folder offers, as types: mypy names what a new stand-in lacks.

Each folder declares in its ``__init__.py`` which of these its modules are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from standins.actions import Action
from standins.clock import Clock
from standins.departures import Departures
from standins.provider import Provider


class ServerModule(Protocol):
    """``server.py``, which the discovery looks for."""

    def create(self, clock: Clock, /) -> Provider:
        """The provider with an empty account."""


class ByHandModule(Protocol):
    """``by_hand.py``: what people do at the provider without its API."""

    ACTIONS: dict[str, Action]
    """By name; the details of POST /_standin/state are the arguments."""

    def act(self, held: Any, wish: dict[str, Any], /) -> dict[str, Any]:
        """Do one action. Raises AdminError."""


class ContractModule(Protocol):
    """``contract.py``: what the contract suite, the demo and docker-compose.yml must know of a stand-in.

    A module may have more, where it applies: ``UNKNOWN_AUDIENCE`` (extras that name nothing of the account),
    ``CHANGE_MEMBERSHIP`` (as ``ENROLL``, where lists have calls of their own), ``THEIR_LIST`` (the name of a list that
    must exist before somebody is put into it), ``PEOPLE_IN_ONE_CALL`` (where it is fewer than a batch),
    ``CHECK_ADDRESS``, ``ANSWERS_LATER`` with ``FINISHES_WORK`` and ``USES_UP_CALLS``.
    """

    LOGIN: str
    KEY: str
    WRONG_KEY: str
    """A key that the stand-in refuses, of the same form."""
    EXTRAS: dict[str, str]
    """Of the connection, but for its addresses."""
    API_PATH: str
    REFUSED_ADDRESS: str
    """An address with ``{n}`` in it that passes the pipeline's own rules, and that the stand-in refuses."""
    ENROLL: dict[str, str]
    """Which calls enroll people, as the match of a fault: method, path_regex."""

    def people(self, state: dict[str, Any], /) -> dict[str, tuple[bool, frozenset[str]]]:
        """Everybody there by subscriber key: whether they are held as active, and the names of their lists."""

    def names(self, state: dict[str, Any], /) -> dict[str, tuple[str, str]]:
        """First and last name of everybody there, by subscriber key."""

    def lists(self, state: dict[str, Any], /) -> dict[str, int]:
        """The lists there, and how many people each has."""

    def stranger(self, address: str, list_name: str, /) -> dict[str, Any]:
        """The action that makes somebody whom the pipeline does not know, in a list that it did not make."""

    def crowd(self, count: int, /) -> dict[str, Any]:
        """The action that makes ``count`` people at once, crowd1@example.org onwards."""

    def batch_sizes(self, request: dict[str, Any], /) -> list[tuple[str, int]]:
        """The phase, and how many of its operations one logged request held; none where it changed nobody."""

    def people_sent(self, request: dict[str, Any], /) -> set[str]:
        """Whom one logged request was to enroll, by subscriber key."""

    def addresses_at(self, url: str, /) -> dict[str, str]:
        """Further extras of a connection that hold an address of the stand-in at ``url``."""

    def prepare(self, standin: Any, client_state: Any, /) -> None:
        """What a person does once so that the pipeline may enter, such as allowing an application."""

    def past(self, addresses: list[str], /) -> list[dict[str, Any]]:
        """The actions after which the demo's account has met these people before."""


class MailingContractModule(ContractModule, Protocol):
    """The same of a provider that says who left (``Provider.hears_opt_outs``): names of actions."""

    LEAVES: str
    IS_UNSUBSCRIBED_BY_STAFF: str
    LOSES_EVERYBODY: str


class SeenModule(Protocol):
    """``seen.py``: what the convergence suite must know of every stand-in."""

    TUNED: dict[str, Any]
    """Switches that a history begins with, so that nobody waits."""
    BY_HAND: dict[str, str]
    """What people do there by hand → the action's name; what cannot be done there, or need not be found out, is left
    out."""
    ACCOUNT: tuple[str, str]
    """The switch that says whose account it is, and the extra of the connection that does; "" where the key says it."""
    KEY_IS_THE_ACCOUNTS: bool
    """Whether an account may get another key (switch ``api_key``), which is then the connection's."""


class SubscribersSeenModule(SeenModule, Protocol):
    """The same where people are known by their address (``Provider.keyed_by``)."""

    LONGEST_LIST_NAME: int
    LONGEST_NAME_BYTES: int
    REFUSED_ADDRESSES: tuple[str, ...]
    LEAVING_TAKES_ALL_LISTS: bool

    def renaming(self, address: str, first_name: str, /) -> dict[str, Any]:
        """The action by which somebody is called otherwise there."""

    def organization_names(self, name: str, /) -> tuple[str, str]:
        """First and last name under which an organization is held."""

    def people(self, state: dict[str, Any], /) -> list[dict[str, Any]]:
        """address, is_subscribed, is_unsubscribed, is_archived, has_left, lists, names, identity, key of everybody."""

    def lists(self, state: dict[str, Any], /) -> list[str]:
        """The names of all lists."""

    def history(self, state: dict[str, Any], /) -> list[dict[str, Any]]:
        """keys, key, by, leaves, subscribes of each change; oldest first."""


class Person(Protocol):
    """A contact of the CRM, as far as it decides what a provider of members is to hold."""

    @property
    def contact_id(self) -> int:
        """By which it is known everywhere."""

    @property
    def kind(self) -> str:
        """Individual or organization."""

    @property
    def names(self) -> tuple[str, str]:
        """First and last name as they are sent; an organization has neither."""

    @property
    def company(self) -> str:
        """The organization's name, or what somebody says of theirs, as it is sent."""

    @property
    def email(self) -> str:
        """The address as it is sent, or ""."""

    @property
    def statuses(self) -> Collection[str]:
        """Of its memberships, own and of its organizations."""

    @property
    def types(self) -> Collection[int]:
        """Of its active memberships."""

    @property
    def organizations(self) -> list[int]:
        """To which it belongs, the main one first."""

    @property
    def lists(self) -> Collection[int]:
        """The synchronized lists that it is in."""


class MembersSeenModule(SeenModule, Protocol):
    """The same where people are known by the CRM's contact id."""

    LONGEST_NAME: int | None
    """Of a first or last name that is taken; None where none is known."""
    ADDRESS_IS_ONE_PERSONS: bool
    """Whether somebody is refused because another person has the address."""

    def members(self, state: dict[str, Any], /) -> dict[str, dict[str, Any]]:
        """Everybody with an id of the CRM's, by it: is_held, names, email, and whatever else ``wanted`` speaks of."""

    def wanted(self, person: Person, everybody: Mapping[int, Person], way: str, /) -> dict[str, Any] | None:
        """How somebody is to be held, by the names of ``members``, by the rules of the provider's page and not by the
        pipeline's code; None where the provider is not to have them. ``way``: the provider, and after a colon the
        version of its API, where that is not the usual one."""


class VendorModule(Protocol):
    """``vendor.py``: the vendor's own schema, where there is one to hold the stand-in against."""

    SPECS: str
    """Which files, as a pattern."""
    BASE: str
    """The path below which the schema speaks."""
    SEEN_TO_BE_TAKEN: Departures

    def amended(self, schema: dict[str, Any], /) -> dict[str, Any]:
        """A schema of an answer, mended where the vendor's file is known to be wrong."""
