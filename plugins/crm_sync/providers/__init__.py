"""Finds the providers: each folder beside this file is one, and nothing else needs to list it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from crm_sync.errors import ConfigError

if TYPE_CHECKING:
    from crm_sync.contract import Provider


def names() -> list[str]:
    """The names of all providers, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)


def get(name: str) -> Provider:
    """The data sheet of a provider; an unknown name is a ConfigError that lists the known ones."""
    if name not in names():
        raise ConfigError(f"no provider {name!r}; there are {', '.join(names())}")
    sheet: Provider = importlib.import_module(f"crm_sync.providers.{name}").PROVIDER
    return sheet
