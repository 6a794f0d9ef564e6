"""Decides whether the CRM can say what changed: it must be the one that was read last, and its change log, if it keeps
one, must have missed nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_sync.errors import PremiseError, TransientError
from crm_sync.model import Mode

if TYPE_CHECKING:
    from crm_sync.ledger.database import Transaction
    from crm_sync.ledger.sources import Source
    from crm_sync.pipeline.context import RunContext

FIRST = "first connection: everyone is sent"
FORGOTTEN = (
    "the state database is older than the CRM and does not know its last read: everyone is compared with what the"
    " provider holds"
)
RESTORED = "the CRM was restored, moved or failed over, or cannot say what changed since: everyone is compared"
OLDER = "the CRM is an older copy of the one that was read last: everyone is compared"
UNMARKED = (
    "the pipeline has no right to write its marker into the CRM, so it cannot tell whether this CRM is the one it read"
    " last;"
    " run change_log.sql and roles.sql of sql/crm/reference/install in it: everyone is compared"
)
SILENT = "the CRM's change log may miss changes"
REINSTALLED = "the CRM's change log was reinstalled, or a table rewritten, since the last read: everyone is compared"
TOO_MUCH = "the last read of this CRM is not known, or very much has changed since: everyone is compared"
RESTS = "comparing this CRM takes long and was done a short while ago: changes since then wait for the next comparison"
EVERYTHING = "the CRM's change log says that everything may have changed: everyone is compared"
# After these nobody knows whether what was said of the CRM is true of the one that is there now.
ANOTHER_CRM = frozenset({FORGOTTEN, RESTORED, OLDER})


@dataclass(frozen=True)
class Here:
    """The CRM as a transaction sees it.

    ``snapshot``: how far its change log goes or, without one, a digest of all that is read of it ("" before that).
    ``doubt``: by what its change log may miss changes. ``markers``: what reads have left there, None where they may
    leave nothing. ``rests``: whether a CRM without a change log is taken to be as it was last read.
    """

    snapshot: str
    crm_identity: str
    doubt: str | None
    installed: str
    markers: list[str] | None
    rests: bool = False

    @property
    def log_installed(self) -> str | None:
        """The installation of a reliable change log."""
        return None if self.doubt else self.installed


def inspect(state: Transaction, crm: Transaction, provider: str, source: Source) -> Here:
    """The state of the CRM, its change log and markers. It must be read first in its transaction."""
    if source.compares:
        identity = crm.value("crm/comparison/position")
        return Here("", identity, None, source.changes, _markers(state, crm, provider))
    at = crm.row("crm/extract/snapshot")
    log = crm.row("crm/extract/change_log_state")
    if at is None or log is None:
        raise TransientError("could not read the position of the CRM's change log")
    return Here(at.snapshot, at.crm_identity, log.doubt, log.installed, _markers(state, crm, provider))


def _markers(state: Transaction, crm: Transaction, provider: str) -> list[str] | None:
    if not crm.value("crm/markers/may_leave_marker"):
        return None
    whose = {"provider": provider, "state_id": state.value("extract/installation")}
    return [row.run_token for row in crm.rows("crm/markers/markers", **whose)]


def instead(state: Transaction, crm: Transaction, provider: str, here: Here, source: Source) -> tuple[Mode, str] | None:
    """The mode that a run needs if the changes since the last read cannot be determined, and why; None if they can."""
    cursor = state.row("runs/cursor", provider=provider)
    if cursor is None or cursor.snapshot is None:
        return Mode.FULL, FIRST
    if here.markers and state.rows("extract/unknown_markers", tokens=here.markers):
        return Mode.FULL, FORGOTTEN
    if source.compares:
        return None if here.crm_identity == cursor.crm_identity else (Mode.COMPARE, RESTORED)
    asked = {"last_snapshot": cursor.snapshot, "crm_identity": here.crm_identity}
    if here.crm_identity != cursor.crm_identity or not crm.value("crm/extract/cursor_is_usable", **asked):
        return Mode.COMPARE, RESTORED
    if here.markers is not None and not {cursor.marker, cursor.read_marker} - {None} <= set(here.markers):
        return Mode.COMPARE, OLDER
    why = _distrust(here, cursor)
    return (Mode.COMPARE, why) if why else None


def _distrust(here: Here, cursor: Any) -> str | None:
    """Why the change log may have missed a change, although the CRM is the one that was read last."""
    if here.doubt:
        return f"{SILENT} ({here.doubt}); run sql/crm/reference/install/change_log.sql in the CRM: everyone is compared"
    if here.markers is None:
        return UNMARKED
    if cursor.marker is None or here.log_installed != cursor.log_installed:
        return REINSTALLED
    return None


def since_opening(state: Transaction, crm: Transaction, ctx: RunContext, here: Here) -> str | None:
    """Why a run of changes must compare everyone by now; None where it need not. A PremiseError where the CRM itself,
    or what is known of it, is another than when the run opened."""
    mode, why = instead(state, crm, ctx.provider.name, here, ctx.source) or (None, None)
    if mode is Mode.FULL or why in {RESTORED, OLDER}:
        raise _replaced(ctx)
    return why


def rests_on(state: Transaction, ctx: RunContext, here: Here) -> str | None:
    """The digest of the last comparison, if this run leaves it to a later one to look for changes, since that takes
    long."""
    if ctx.run.mode is not Mode.CHANGES or ctx.run.dry_run or ctx.run.allow_removals:
        return None
    told = {"provider": ctx.provider.name, "minutes": ctx.settings.compare_crm_after_minutes, "now": ctx.now}
    under = {"crm_identity": here.crm_identity, "fingerprint": ctx.run.fingerprint}
    digest: str | None = state.value("extract/may_rest_on", **told, **under)
    return digest


def require_same(here: Here, ctx: RunContext) -> None:
    """Raise a PremiseError if the CRM is not the one on which the run opened, since its plan rests on that one."""
    run = ctx.run
    is_other = run.crm_identity is not None and here.crm_identity != run.crm_identity
    if is_other or (run.marker is not None and here.markers is not None and run.marker not in here.markers):
        raise _replaced(ctx)


def _replaced(ctx: RunContext) -> PremiseError:
    return PremiseError(
        f"the CRM was restored, moved or failed over since run {ctx.run.run_id} opened; clear the whole run,"
        " or leave it to the next run"
    )


def require_same_crm(ctx: RunContext) -> None:
    """The same, in a transaction of its own; nothing to compare where the run was opened without a look at the CRM."""
    if ctx.run.crm_identity is None:
        return
    with ctx.state.transaction() as state, ctx.crm.transaction(snapshot=True) as crm:
        require_same(inspect(state, crm, ctx.provider.name, ctx.source), ctx)


def intend_marker(ctx: RunContext) -> str:
    """A new marker, known here before it can be in the CRM: a read that dies between the two is no false alarm."""
    with ctx.state.transaction() as state:
        return str(state.value("extract/intend_marker", provider=ctx.provider.name, run_id=ctx.run.run_id))


def leave_marker(ctx: RunContext, state: Transaction, marker: str) -> None:
    """Commit the marker in the CRM; by then the read has its snapshot."""
    whose = {"provider": ctx.provider.name, "state_id": state.value("extract/installation")}
    with ctx.crm.transaction() as crm:
        crm.run("crm/markers/leave_marker", **whose, run_token=marker)


def forget_markers(ctx: RunContext, state: Transaction, crm: Transaction) -> None:
    """Markers of earlier reads go, now that a later one counts."""
    cursor = state.row("runs/cursor", provider=ctx.provider.name)
    if cursor is not None and cursor.marker is not None and crm.value("crm/markers/may_leave_marker"):
        whose = {"provider": ctx.provider.name, "state_id": state.value("extract/installation")}
        crm.run("crm/markers/forget_markers", **whose, run_token=cursor.marker)
