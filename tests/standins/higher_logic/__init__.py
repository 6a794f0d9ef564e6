"""Higher Logic's Push API, imitated: version 1 (/push/v1/members) as clients use it, version 2 as far as known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standins.higher_logic import by_hand, contract, seen, server
    from standins.modules import ByHandModule, ContractModule, MembersSeenModule, ServerModule

    # What the discovery finds here: mypy names what a module lacks.
    BY_HAND: ByHandModule = by_hand
    CONTRACT: ContractModule = contract
    SEEN: MembersSeenModule = seen
    SERVER: ServerModule = server
