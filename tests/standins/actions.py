"""What people do by hand at a provider, by the name of the action: how all stand-ins read POST /_standin/state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from standins.provider import AdminError

Action = Callable[..., dict[str, Any]]


def done(actions: Mapping[str, Action], held: object, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one action to what is held; the other keys of ``wish`` are those of its function. Raises AdminError."""
    details = dict(wish)
    name = details.pop("action", "")
    if name not in actions:
        raise AdminError(f"no action {name!r}; there are: {', '.join(sorted(actions))}")
    try:
        return actions[name](held, **details)
    except (TypeError, msgspec.ValidationError) as error:
        raise AdminError(f"{name}: {error}; the keys are those of its function in by_hand.py") from error
