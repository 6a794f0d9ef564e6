"""What writes opt-outs into a CRM that takes them by an API instead of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class OptOutWriter(Protocol):
    """The API of a CRM, as far as the pipeline uses it."""

    def refuse(self, memberships: Sequence[tuple[int, int]]) -> None:
        """Set Do Not Contact on memberships: (contact_id, list_id). None: only see whether it may be done. Safe to
        repeat. Errors are those of the transport."""
        ...
