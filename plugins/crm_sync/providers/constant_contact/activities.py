"""The activities of an account: jobs submitted by this run, or by an earlier one whose response was lost."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.api import PAGE
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from crm_sync.providers.constant_contact.api import Api

COMPLETED = "completed"
WORK_GOES_ON = "activity_under_way"  # the reason of operations that wait for it
_UNDER_WAY = frozenset({"initialized", "processing"})


class ActivityLog:
    """The activities of one account. One call reads all; they are read again for a job that is new or was returned
    before."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._listed: dict[str, wire.Activity] = {}
        self._served: set[str] = set()
        self._known_at: dict[str, float] = {}
        self.is_read = False

    def finished(self, job: str) -> wire.Activity | None:
        """The activity of a job when it and all activities submitted before it have ended; None until then.

        One of these may come from a call whose response was lost, and undo what this one did. assumed: they need not
        end in order. documented: activities are deleted after ten days (404); the state is "forgotten" then.
        """
        activity = self._look(job)
        goes_on = any(each.state in _UNDER_WAY for each in (activity, *self._before(activity)))
        return None if goes_on else activity

    def was_crossed(self, activity: wire.Activity) -> bool:
        """Whether an activity submitted earlier ended after this one began."""
        begun = activity.started_at or activity.created_at
        return any(each.completed_at >= begun for each in self._before(activity))

    def known_at(self, activity: wire.Activity) -> float:
        """When the activity was read, by time.monotonic()."""
        return self._known_at[activity.activity_id]

    def read(self) -> None:
        """Read all activities. documented: GET /activities returns those of the last ten days."""
        now = time.monotonic()
        page = decoded(self._api.get("/activities", can_wait=False, limit=PAGE), wire.Activities)
        self._listed = {each.activity_id: each for each in page.activities}
        self._known_at = dict.fromkeys(self._listed, now)
        self._served.clear()
        self.is_read = True

    @property
    def goes_on(self) -> bool:
        """Whether any activity was running when all were read, once for a load. It may be anybody's."""
        if not self.is_read:
            self.read()
        return any(each.state in _UNDER_WAY for each in self._listed.values())

    def _before(self, activity: wire.Activity) -> list[wire.Activity]:
        """The activities submitted earlier; within one second, by the list, which is newest first. documented:
        created_at."""
        newest_first = sorted(self._listed.values(), key=lambda each: each.created_at, reverse=True)
        ids = [each.activity_id for each in newest_first]
        return newest_first[ids.index(activity.activity_id) + 1 :] if activity.activity_id in ids else []

    def _look(self, job: str) -> wire.Activity:
        if job not in self._listed or job in self._served:
            self.read()
        self._served.add(job)
        return self._listed.get(job) or self._alone(job)

    def _alone(self, job: str) -> wire.Activity:
        self._known_at[job] = time.monotonic()
        response = self._api.get(f"/activities/{job}", can_wait=False)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return wire.Activity(job, "forgotten")
        return decoded(response, wire.Activity)
