"""Says whose account answers, where the provider cannot tell: a person's word, kept in the state database.

`python -m crm_sync.account PROVIDER another|same`. "another": whoever answers is not the account that the ledger is of;
the next run brings everybody across. "same": it is, whatever it calls itself now; nobody is sent anew.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crm_sync import providers
from crm_sync.errors import ConfigError, CrmSyncError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Keep what is said; 1 where a person must do something first."""
    import airflow  # noqa: F401  it asks this package for its connection types while it is loaded: not in the middle of them

    from crm_sync import store
    from crm_sync.hooks.database import STATE, open_database
    from crm_sync.hooks.discovery import account_hook

    try:
        name, said = (*arguments, "", "")[:2]
        provider, say = providers.get(name), _said(said)
        with open_database(*STATE) as state:
            store.migrate(state)
            answers = account_hook(provider.name)().get_conn(state).identity()
            known_as = getattr(store, say)(state, provider.name, answers)
    except CrmSyncError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{provider.title}: the account that answers is known as {known_as}.\n")
    return 0


def _said(word: str) -> str:
    if word not in {"another", "same"}:
        raise ConfigError("say another or same: whether the account that answers is the one the ledger is of")
    return f"say_{word}_account"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
