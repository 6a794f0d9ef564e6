"""Records what a person says about a connected account, if the provider itself does not identify it.

`crm-sync account PROVIDER another|same`. "another": the connection now leads to another account than
the ledger describes, and the next run sends everyone to it. "same": it is the same account, whatever it calls itself
now, and nobody is sent again.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crm_sync import providers
from crm_sync.errors import ConfigError, CrmSyncError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_sync.ledger.database import Database


def main(arguments: Sequence[str]) -> int:
    """Keep what is said; 1 where a person must do something first."""
    import airflow  # noqa: F401  it asks this package for its connection types while it is loaded: not in the middle of them

    from crm_sync.hooks.database import state_database

    try:
        name, said = (*arguments, "", "")[:2]
        provider = providers.get(name)
        with state_database() as state:
            known_as = say(state, provider.name, said)
    except CrmSyncError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{provider.title}: the account that answers is known as {known_as}.\n")
    return 0


def say(state: Database, provider: str, said: str, who: str | None = None) -> str:
    """Keep what is said of the account that answers now; the name it is known by. A ConfigError where it is neither
    word, or where there is no account to be the same as."""
    from crm_sync.hooks import configuration
    from crm_sync.hooks.accounts import account_hook
    from crm_sync.ledger import store  # loads psycopg

    by_word = {"another": store.say_another_account, "same": store.say_same_account}
    if said not in by_word:
        raise ConfigError(
            "name a provider, and say another or same: is the account that answers the one that the ledger describes?"
        )
    settings = configuration.read().settings.of(provider).for_a_person()
    answers = account_hook(provider)().get_conn(state, settings).identity()
    return by_word[said](state, provider, answers, who)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
