"""An account at either e-mail provider as a person sees it there, so that what both must keep is told once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from standins.process import StandIn

EMAIL_PROVIDERS = ("constant_contact", "mailchimp")
_STATUSES = ("subscribed", "unsubscribed", "archived")


@dataclass(frozen=True)
class Held:
    """How an account holds somebody: subscribed, unsubscribed, archived or otherwise, and in which lists."""

    status: str
    lists: frozenset[str] = frozenset()


ARCHIVED, UNSUBSCRIBED = Held("archived"), Held("unsubscribed")


def subscribed(*lists: str) -> Held:
    """Somebody who gets mail, and the names of their lists."""
    return Held("subscribed", frozenset(lists))


def told_of(*providers: str) -> pytest.MarkDecorator:
    """The mark of a module whose every test is told of each of these providers."""
    return pytest.mark.parametrize("provider", providers, indirect=True, scope="session")


@dataclass(frozen=True)
class Account:
    """The account that a stand-in holds, in words that both providers share."""

    provider: str
    standin: StandIn

    def people(self) -> dict[str, Held]:
        """Everybody there, by address as it is written; archived ones too."""
        return {each["address"]: Held(_status(each), frozenset(each["lists"])) for each in self._people()}

    def names(self, address: str) -> tuple[str, str]:
        """First and last name of whoever has that address."""
        first, last = self._person(address)["names"]
        return first, last

    def identity(self, address: str) -> str:
        """What stays of whoever has that address, when it changes."""
        return str(self._person(address)["identity"])

    def has_left(self, address: str) -> bool:
        """Whether it was not us who ended the mail to that address."""
        return bool(self._person(address)["has_left"])

    def lists(self) -> set[str]:
        """The names of all lists."""
        return set(self._told("seen").lists(self.standin.state()))

    def came_back(self) -> list[dict[str, Any]]:
        """Every time that somebody who was unsubscribed became subscribed."""
        changes = self.standin.state(history=1)["history"]
        return [each for each in changes if each["from"] == "unsubscribed" and each["to"] in {"active", "subscribed"}]

    def writes(self) -> list[str]:
        """The calls since the last clear_requests() that could change anything: METHOD path."""
        return [f"{each['method']} {each['path']}" for each in self._requests() if each["method"] != "GET"]

    def is_asked(self) -> bool:
        """Whether there was any call since the last clear_requests()."""
        return self._requests() != []

    def by_hand(self, how: str, **details: object) -> None:
        """Somebody does something there: leave, return, join, … as ``BY_HAND`` of the stand-in has it."""
        self.standin.act(self._told("seen").BY_HAND[how], **details)

    def lose_everybody(self) -> None:
        """Somebody removes all people there."""
        self.standin.act(self._told("contract").LOSES_EVERYBODY)

    def _told(self, what: str) -> Any:
        return importlib.import_module(f"standins.{self.provider}.{what}")

    def _requests(self) -> list[dict[str, Any]]:
        return list(self.standin.requests()["requests"])

    def _people(self) -> list[dict[str, Any]]:
        return list(self._told("seen").people(self.standin.state()))

    def _person(self, address: str) -> dict[str, Any]:
        (found,) = [each for each in self._people() if each["address"] == address]
        return found


def _status(person: dict[str, Any]) -> str:
    return next((word for word in _STATUSES if person[f"is_{word}"]), "otherwise")


def spare_waiting(provider: str, standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what would only make a test wait: limits of calls a second, and the time between two looks."""
    from contract.worlds import UNHURRIED
    from crm_sync import providers

    sheet = replace(providers.get(provider), **UNHURRIED)
    monkeypatch.setattr(f"crm_sync.providers.{provider}.PROVIDER", sheet)
    tuned = importlib.import_module(f"standins.{provider}.seen").TUNED
    if tuned:
        standin.switch(**tuned)


def allow(provider: str) -> None:
    """Somebody opens the address of ``crm-sync connect``, allows the application, and is sent back with a code. Nothing
    where an account is connected by its key alone."""
    from crm_sync import connect
    from crm_sync.hooks.accounts import account_hook
    from crm_sync.hooks.database import STATE, open_database
    from crm_sync.ledger import store
    from crm_sync.oauth import flow

    hook = account_hook(provider)()
    if not hook.connects_by_oauth:
        return
    with open_database(*STATE) as state:
        store.migrate(state)
        application = flow.application_of(hook.provider, hook.credentials())
        address, begun = connect.begin(application)
        connect.finish(application, hook.client_state(state), begun, _sent_back(address))


def _sent_back(address: str) -> dict[str, str]:
    """What the browser brings back from there."""
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(address, allow_redirects=False, timeout=30)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
