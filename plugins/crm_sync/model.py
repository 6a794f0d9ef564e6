"""The words of the domain as types, so that every module, table and test says the same thing by the same name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Mode(StrEnum):
    """How much of the CRM a run looks at."""

    CHANGES = "changes"  # contacts changed since the cursor, and those whose last outcome must be tried again
    COMPARE = "compare"  # every contact against the ledger; the provider is not asked what it holds
    FULL = "full"  # every contact, after the provider's own state was read back
    BACKFILL = "backfill"  # contacts changed inside the data interval, pushed again whatever the ledger holds


class Verb(StrEnum):
    """What the engine asks of a provider. The value is the name of the client's method and of the ledger's verb."""

    DELETE_LIST = "delete_list"
    RENAME_LIST = "rename_list"
    CREATE_LIST = "create_list"
    SUPPRESS = "suppress"  # disabled because of Do Not Contact
    CHANGE_ADDRESS = "change_address"
    CREATE = "create"
    UPDATE = "update"
    ENABLE = "enable"  # a holding that the pipeline had disabled comes back
    ADD_TO_LIST = "add_to_list"
    REMOVE_FROM_LIST = "remove_from_list"
    ARCHIVE = "archive"  # disabled because in no synchronized list any more, or deleted from the CRM


class Status(StrEnum):
    """The life of an operation: pending → in_doubt | submitted → applied | refused | deferred; or pending →
    held → dropped."""

    PENDING = "pending"
    IN_DOUBT = "in_doubt"  # its call began and no answer is recorded: whether it took effect is unknown
    SUBMITTED = "submitted"  # the provider took it as part of a job and is still working on it
    APPLIED = "applied"
    REFUSED = "refused"  # by the provider, with a reason
    DEFERRED = "deferred"  # left for the next run
    HELD = "held"  # never sent, for the brake held the plan; the reason says what was decided about it
    DROPPED = "dropped"  # held, and the plan was rejected


class HoldingState(StrEnum):
    """How a provider holds a subscriber, as it answered."""

    ACTIVE = "active"
    SUPPRESSED = "suppressed"  # by us, for Do Not Contact
    ARCHIVED = "archived"
    OPTED_OUT = "opted_out"  # by the person, or by the provider's own staff: never undone by us
    CLEANED = "cleaned"  # the address bounces
    PENDING = "pending"  # awaits the person's confirmation there
    ABSENT = "absent"  # never accepted: the row carries the refusal


class RunState(StrEnum):
    """How far a run came. Closed states are those after which another run may begin."""

    OPEN = "open"
    PLANNED = "planned"
    IDLE = "idle"
    PREVIEWED = "previewed"  # a dry run: planned, never sent
    RECORDED = "recorded"
    HELD = "held"  # of its plan only Do Not Contact was sent; a person decides about the rest, and the cursor stays
    FAILED = "failed"


# One person has one of these at a time; list and membership verbs come beside it.
SUBSCRIBER_VERBS = (Verb.SUPPRESS, Verb.CHANGE_ADDRESS, Verb.CREATE, Verb.UPDATE, Verb.ENABLE, Verb.ARCHIVE)

# The order of a load. A phase begins when the one before has been tried: Do Not Contact waits for nothing, people leave
# before others come, a list exists before someone joins it, and tags go before their owner is archived.
PHASES: dict[str, tuple[Verb, ...]] = {
    "suppress": (Verb.SUPPRESS,),
    "delete_list": (Verb.DELETE_LIST,),
    "rename_list": (Verb.RENAME_LIST,),
    "create_list": (Verb.CREATE_LIST,),
    "change_address": (Verb.CHANGE_ADDRESS,),
    "enroll": (Verb.CREATE, Verb.UPDATE, Verb.ENABLE),
    "change_membership": (Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST),
    "archive": (Verb.ARCHIVE,),
}


MEMBERSHIP_VERBS = (Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST)
# What both come as to a client: additions to and removals from lists, in one call.
MEMBERSHIPS = "change_membership"


def phase_of(verb: str) -> str:
    """The phase of a load in which a verb has its turn."""
    return next(phase for phase, verbs in PHASES.items() if verb in verbs)


def next_midnight(now: datetime) -> datetime:
    """When a daily quota starts again; ``now`` in UTC, as vendors count their days."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """What a run is asked to do, and by which Airflow run. ``notice`` says what was decided otherwise."""

    provider: str
    airflow_run_id: str
    mode: Mode
    dry_run: bool = False
    allow_removals: bool = False
    since: datetime | None = None
    until: datetime | None = None
    notice: str | None = None
    account: str = ""
    fingerprint: str = ""
    do_not_contact_scope: str = "contact"
    crm_identity: str | None = None


@dataclass(frozen=True)
class Run:
    """One run of one provider, as the state database knows it.

    ``since`` and ``until`` bound a backfill (half open); ``forces_resend`` is true for it.
    ``allowed``: how many of each kind that the brake weighs ``allowed_by`` has let it take away. ``question_id``: what
    a person is asked, where the brake holds its plan.
    ``crm_identity``: of the CRM on which it opened; ``marker``: what its read left there.
    ``token`` lets it write until another run of the provider is opened; 0: never opened.
    ``account``, ``fingerprint``, ``do_not_contact_scope``: what it rests on (pipeline/premises.py), as of its opening.
    ``everyone``: whether its extract read every contact.
    """

    run_id: int
    provider: str
    mode: Mode
    dry_run: bool = False
    allow_removals: bool = False
    state: RunState = RunState.OPEN
    snapshot: str | None = None
    crm_identity: str | None = None
    marker: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    allowed: Mapping[str, int] = field(default_factory=dict)
    allowed_by: str | None = None
    question_id: int | None = None
    token: int = 0
    account: str = ""
    fingerprint: str = ""
    do_not_contact_scope: str = "contact"
    everyone: bool = False

    @property
    def forces_resend(self) -> bool:
        """A backfill pushes again what the ledger already holds."""
        return self.mode is Mode.BACKFILL

    @property
    def reads_everyone(self) -> bool:
        """A full run decides about every contact, people who left included; so does one that compares and finds too
        many who are not as they were last read."""
        return self.mode is Mode.FULL or self.everyone

    @property
    def retries_refused(self) -> bool:
        """A full run offers again what was refused unchanged, before its time."""
        return self.mode is Mode.FULL
