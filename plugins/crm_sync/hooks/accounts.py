"""An Airflow hook for each provider, made from its data sheet: ``MailchimpHook`` for ``providers/mailchimp``."""

from __future__ import annotations

from crm_sync import providers
from crm_sync.hooks.account import AccountHook


def account_hook(name: str) -> type[AccountHook]:
    """The hook of a provider; an unknown name is a ConfigError that lists the known ones."""
    sheet = providers.get(name)
    found: type[AccountHook] = globals()[_class_name(sheet.name)]
    return found


def _class_name(provider: str) -> str:
    return "".join(word.capitalize() for word in provider.split("_")) + "Hook"


def _made(name: str) -> type[AccountHook]:
    sheet = providers.get(name)
    attributes = {
        "__doc__": sheet.form.account,
        "__module__": __name__,
        "conn_type": sheet.name,
        "hook_name": sheet.title,
        "default_conn_name": sheet.connection_id,
    }
    return type(_class_name(name), (AccountHook,), attributes)


# Airflow imports a connection's hook by name, so each is an attribute of this module.
globals().update({_class_name(name): _made(name) for name in providers.names()})
