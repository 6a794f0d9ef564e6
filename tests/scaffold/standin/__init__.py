"""The API of Acme Mail, imitated: an account, people, and the lists they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.standin import by_hand, contract, seen, server
    from standins.modules import ByHandModule, ContractModule, MembersSeenModule, ServerModule

    # What the discovery finds here: mypy names what a module lacks.
    BY_HAND: ByHandModule = by_hand
    CONTRACT: ContractModule = contract
    SEEN: MembersSeenModule = seen
    SERVER: ServerModule = server
