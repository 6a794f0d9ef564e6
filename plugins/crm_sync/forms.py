"""The form of a provider's Airflow connection, and the fields that several providers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Form:
    """What Airflow's connection form asks for an account.

    ``account``: what one connection stands for. ``fields``: name of the extra → label, description and JSON schema, as
    the functions below make them. ``labels``: other names for Airflow's own fields (login, password, …); ``hints``:
    what these fields show while they are empty. ``has_login``: whether the account has a login beside its key.
    """

    account: str
    fields: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    has_login: bool = False

    @property
    def behaviour(self) -> dict[str, Any]:
        """The form as Airflow expects it. Without a hint for the port, Airflow would show 0."""
        hidden = ["host", "schema", *([] if self.has_login else ["login"]), "extra"]
        return {"hidden-fields": hidden, "relabeling": dict(self.labels), "placeholders": {**self.hints, "port": "443"}}


def text(label: str, description: str, **schema: Any) -> dict[str, Any]:
    """A text field that may stay empty. ``schema``: further keywords of its JSON schema."""
    return {"label": label, "description": description, "schema": {"type": ["string", "null"], **schema}}


def switch(label: str, description: str, *, default: bool) -> dict[str, Any]:
    """A checkbox."""
    return {"label": label, "description": description, "schema": {"type": ["boolean", "null"], "default": default}}


def enabled(title: str) -> dict[str, Any]:
    """The field that switches the provider on or off. ``title``: the provider's name."""
    return switch("Enabled", f"Off: {title} is skipped and stays as it is.", default=True)


def base_url(title: str, otherwise: str = "") -> dict[str, Any]:
    """The field for the address of the API, for a stand-in or a gateway. ``otherwise``: a phrase put
    behind the title."""
    return text("Base URL", f"Empty for {title} itself{otherwise}; fill in for another server.")


def oauth_url(title: str) -> dict[str, Any]:
    """The field for the address of the authorization server."""
    return text("OAuth2 URL", f"Empty for {title}'s own authorization server; fill in for another one.")


def redirect_uri() -> dict[str, Any]:
    """The field for the address to which a browser returns after ``crm-sync connect``."""
    return text(
        "Redirect URI", "For crm-sync connect: as registered with the application; empty for http://127.0.0.1:8765/."
    )
