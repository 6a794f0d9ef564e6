"""VoterVoice's REST API, imitated for what a sync of contacts needs. The real one refuses plain HTTP, this cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standins.modules import ByHandModule, ContractModule, MembersSeenModule, ServerModule
    from standins.votervoice import by_hand, contract, seen, server

    # What the discovery finds here: mypy names what a module lacks.
    BY_HAND: ByHandModule = by_hand
    CONTRACT: ContractModule = contract
    SEEN: MembersSeenModule = seen
    SERVER: ServerModule = server
