"""The one place that turns an error's class into what Airflow does next: fail at once, retry, or check again later."""

from __future__ import annotations

import logging
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import singledispatch
from typing import TYPE_CHECKING, NoReturn

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
    TaskDeferred,
)

from crm_sync.alerts.kinds import ConnectionLost
from crm_sync.errors import (
    BusyError,
    CrmSyncError,
    DisconnectedError,
    QuotaExhaustedError,
    TransientError,
    UnderWayError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.sdk import Context

BUSY_WAIT_SECONDS = 30.0

log = logging.getLogger("crm_sync")


@contextmanager
def translate_errors(stage: str, context: Context) -> Iterator[None]:
    """Translate this package's errors into Airflow's. The log, and the attribute ``stage`` of the error, name the stage
    that failed, since a task may run several."""
    try:
        with _translated(stage, context):
            yield
    except (AirflowSkipException, AirflowRescheduleException):
        raise
    except AirflowException as error:
        if not hasattr(error, "stage"):
            error.stage = stage
            log.error("failed at %s", stage)  # noqa: TRY400  Airflow logs the error
        raise


@contextmanager
def _translated(stage: str, context: Context) -> Iterator[None]:
    """Raised ``from None``, since the cause may quote a person's data."""
    try:
        yield
    except CrmSyncError as error:
        _what_next(error, context)
    except AirflowException:
        raise
    except Exception as error:  # noqa: BLE001  a bug of ours
        # Where it happened, without what was at hand there.
        log.error("unexpected %s at\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
        raise AirflowException(f"unexpected {type(error).__name__} in {stage}; the task's log says where") from None


@singledispatch
def _what_next(error: CrmSyncError, _: Context) -> NoReturn:
    """What is raised for Airflow: to fail at once, unless the class has a line of its own below."""
    raise AirflowFailException(str(error)) from None


@_what_next.register(DisconnectedError)
def _fail_as_disconnected(error: DisconnectedError, _: Context) -> NoReturn:
    raise ConnectionLost(str(error)) from None


@_what_next.register(TransientError)
def _try_again(error: TransientError, _: Context) -> NoReturn:
    raise AirflowException(str(error)) from None


@_what_next.register(BusyError)
def _look_again_soon(error: BusyError, _: Context) -> NoReturn:
    log.info("%s; checking again in %.0f s", error, BUSY_WAIT_SECONDS)
    raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=BUSY_WAIT_SECONDS)) from None


@_what_next.register(UnderWayError)
def _await(error: UnderWayError, _: Context) -> NoReturn:
    log.info("%s in %.0f s; no worker is held until then", error, error.seconds)
    raise TaskDeferred(trigger=TimeDeltaTrigger(timedelta(seconds=error.seconds)), method_name="look_again") from None


@_what_next.register(QuotaExhaustedError)
def _go_on_tomorrow(error: QuotaExhaustedError, _: Context) -> NoReturn:
    log.warning("%s; continuing at %s", error, error.again_at.isoformat(timespec="seconds"))
    raise AirflowRescheduleException(error.again_at) from None
