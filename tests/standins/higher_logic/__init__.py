"""Higher Logic's Push API, imitated as clients use it: version 1 (/push/v1/members), version 2 (/v2/contactinfo)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standins.higher_logic import by_hand, contract, contract_v1, seen, server
    from standins.modules import ByHandModule, ContractModule, MembersSeenModule, ServerModule

    # What the discovery finds here: mypy names what a module lacks.
    BY_HAND: ByHandModule = by_hand
    CONTRACT: ContractModule = contract
    CONTRACT_V1: ContractModule = contract_v1
    SEEN: MembersSeenModule = seen
    SERVER: ServerModule = server
