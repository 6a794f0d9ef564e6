"""The form of a provider's Airflow connection, and its fields; those of several providers are worded once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Form:
    """What Airflow's connection form asks for an account.

    ``account``: what one connection stands for. ``fields``: extra → its label, description and JSON schema, as
    the functions below make them. ``labels``, ``hints``: Airflow's own fields (login, password, …) by another
    name, and what stands in them while they are empty. ``has_login``: whether the account has one beside its key.
    """

    account: str
    fields: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, str]
    hints: Mapping[str, str] = field(default_factory=dict)
    has_login: bool = False

    @property
    def behaviour(self) -> dict[str, Any]:
        """As Airflow takes it. It shows a port of 0 where it has no hint for one."""
        hidden = ["host", "schema", *([] if self.has_login else ["login"]), "extra"]
        return {"hidden-fields": hidden, "relabeling": dict(self.labels), "placeholders": {**self.hints, "port": "443"}}


def text(label: str, description: str, **schema: Any) -> dict[str, Any]:
    """A field for a text, which may stay empty."""
    return {"label": label, "description": description, "schema": {"type": ["string", "null"], **schema}}


def switch(label: str, description: str, *, default: bool) -> dict[str, Any]:
    """A field to tick."""
    return {"label": label, "description": description, "schema": {"type": ["boolean", "null"], "default": default}}


def enabled(title: str) -> dict[str, Any]:
    """Whether the provider is synchronized at all."""
    return switch("Enabled", f"Off: {title} is skipped and stays as it is.", default=True)


def base_url(title: str, otherwise: str = "") -> dict[str, Any]:
    """Where the API is; a stand-in, or a gateway, has another place."""
    return text("Base URL", f"Empty for {title} itself{otherwise}; fill in for another server.")


def oauth_url(title: str) -> dict[str, Any]:
    """Where accounts are allowed."""
    return text("OAuth2 URL", f"Empty for {title}'s own authorization server; fill in for another one.")


def redirect_uri() -> dict[str, Any]:
    """Where a person comes back to who allows an account on the command line."""
    return text("Redirect URI", "Of make connect, as the application has it there; empty for http://127.0.0.1:8765/.")
