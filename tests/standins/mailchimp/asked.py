"""A request as a handler sees it: path parts, typed query and typed body."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.mailchimp.errors import not_found
from standins.mailchimp.state import Account, Audience


class Asked(msgspec.Struct):
    """What the router made of a call."""

    account: Account
    path: dict[str, str]
    query: dict[str, Any]
    body: Any = None

    @property
    def audience(self) -> Audience:
        """The audience of the path. Raises Refusal 404."""
        audience = self.account.audiences.get(self.path["list_id"])
        if audience is None:
            raise not_found()
        return audience

    @property
    def skips_required(self) -> bool:
        """Whether required merge fields may stay empty."""
        return bool(self.query.get("skip_merge_validation"))
