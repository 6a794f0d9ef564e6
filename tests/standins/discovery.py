"""Finds the providers by their folders, so that a new one is registered by existing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from standins.clock import Clock
from standins.modules import ContractModule, ServerModule
from standins.provider import AdminError, Provider


def provider_names() -> list[str]:
    """The folders beside this file that hold a provider, in alphabetical order."""
    here = Path(__file__).parent
    return sorted(folder.parent.name for folder in here.glob("*/server.py"))


def create_provider(name: str, clock: Clock) -> Provider:
    """The provider of that folder: what `standins.<name>.server.create(clock)` gives. Raises AdminError."""
    _require(name)
    server = cast("ServerModule", import_module(f"standins.{name}.server"))
    return server.create(clock)


def contract_of(name: str) -> ContractModule:
    """What that stand-in says of itself: `standins/<name>/contract.py`. Raises AdminError."""
    _require(name)
    return cast("ContractModule", import_module(f"standins.{name}.contract"))


def ports() -> dict[str, int]:
    """The port that each listens on, unless the command line says otherwise."""
    return {name: create_provider(name, Clock()).default_port for name in provider_names()}


def _require(name: str) -> None:
    if name not in provider_names():
        raise AdminError(f"no provider {name!r}; there are: {', '.join(provider_names())}")
