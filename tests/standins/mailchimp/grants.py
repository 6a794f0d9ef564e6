"""What people allowed the application: codes that work once, tokens that last until they are taken back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from standins.clock import Clock

CODE_SECONDS = 5 * 60


@dataclass
class Grants:
    """All that was issued to the application; a code with the address it was sent to, and when."""

    clock: Clock
    _codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)

    def code(self, redirect_uri: str) -> str:
        """A code for a permission just given."""
        value = secrets.token_hex(16)
        self._codes[value] = (redirect_uri, self.clock.now())
        return value

    def redeem(self, code: str, redirect_uri: str) -> str:
        """A token for a code; "" where it is unknown, used, late, or for another address."""
        known, issued = self._codes.pop(code, ("", 0.0))
        if not known or known != redirect_uri or self.clock.now() - issued > CODE_SECONDS:
            return ""
        return self.issue()

    def issue(self) -> str:
        """A token, as after a permission and its code."""
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return token

    def is_good(self, token: str) -> bool:
        """Whether a token was issued and not taken back."""
        return token in self._tokens

    def revoke(self) -> int:
        """Somebody takes the application out of the account; how many tokens end."""
        ended = len(self._tokens)
        self._codes.clear()
        self._tokens.clear()
        return ended
