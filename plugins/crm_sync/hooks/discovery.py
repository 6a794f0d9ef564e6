"""Finds the hook of a provider by its folder, so that a new provider is named nowhere else."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from crm_sync import providers
from crm_sync.errors import ConfigError

if TYPE_CHECKING:
    from crm_sync.hooks.account import AccountHook


def account_hook(name: str) -> type[AccountHook]:
    """The AccountHook of ``crm_sync.providers.<name>.hook``; a ConfigError where the module has none."""
    from crm_sync.hooks.account import AccountHook

    module = importlib.import_module(f"{providers.__name__}.{name}.hook")
    for found in vars(module).values():
        if isinstance(found, type) and issubclass(found, AccountHook) and found.__module__ == module.__name__:
            return found
    raise ConfigError(f"{module.__name__} has no subclass of AccountHook; it needs one, as the other providers have")
