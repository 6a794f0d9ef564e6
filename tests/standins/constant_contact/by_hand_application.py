"""What is done by hand to the application itself: its tokens, its calls of the day, its queue of activities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standins.constant_contact.activities import FAILURES, Failure
from standins.constant_contact.oauth import SCOPES, START_SCOPE, Grant
from standins.constant_contact.state import Account
from standins.provider import AdminError


def _revoke(account: Account) -> dict[str, Any]:
    return {"revoked": account.tokens.revoke()}


def _expire_access_tokens(account: Account) -> dict[str, Any]:
    return {"expired": account.tokens.expire_access()}


def _grant(account: Account, scope: str = START_SCOPE) -> dict[str, Any]:
    if set(scope.split()) - SCOPES:
        raise AdminError(f"scope is some of {', '.join(sorted(SCOPES))}")
    issued = account.tokens.issue(Grant(scope))
    return {"access_token": issued["access_token"], "refresh_token": issued.get("refresh_token")}


def _use_quota(account: Account, calls: int) -> dict[str, Any]:
    account.limits.use(int(calls))
    return {"calls_today": account.limits.calls_today}


def _fail_next_activity(
    account: Account, state: str = "failed", errors: list[str] | None = None, applied: int = 0
) -> dict[str, Any]:
    if state not in FAILURES:
        raise AdminError(f"state is one of {', '.join(FAILURES)}")
    account.queue.failures.append(Failure(state, errors or [], applied))
    return {"planned": len(account.queue.failures)}


def _finish_activities(account: Account) -> dict[str, Any]:
    return {"finished": account.queue.finish_all()}


APPLICATION: dict[str, Callable[..., dict[str, Any]]] = {
    "revoke": _revoke,
    "expire_access_tokens": _expire_access_tokens,
    "grant": _grant,
    "use_quota": _use_quota,
    "fail_next_activity": _fail_next_activity,
    "finish_activities": _finish_activities,
}
