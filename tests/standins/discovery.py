"""Finds the providers by their folders, so that a new one is registered by existing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from standins.clock import Clock
from standins.provider import AdminError, Provider


def provider_names() -> list[str]:
    """The folders beside this file that hold a provider, in alphabetical order."""
    here = Path(__file__).parent
    return sorted(folder.parent.name for folder in here.glob("*/server.py"))


def create_provider(name: str, clock: Clock) -> Provider:
    """The provider of that folder: what `standins.<name>.server.create(clock)` gives. Raises AdminError."""
    if name not in provider_names():
        raise AdminError(f"no provider {name!r}; there are: {', '.join(provider_names())}")
    return cast("Provider", import_module(f"standins.{name}.server").create(clock))
