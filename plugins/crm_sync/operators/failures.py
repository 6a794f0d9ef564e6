"""The one place where an error's class becomes what Airflow does next: fail at once, try again, or look again later."""

from __future__ import annotations

import logging
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRescheduleException, TaskDeferred

from crm_sync.errors import (
    BusyError,
    ConfigError,
    ContractError,
    LoadFailedError,
    QuotaExhaustedError,
    TransientError,
    UnderWayError,
)
from crm_sync.model import next_midnight

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_WAIT_SECONDS = 30.0

log = logging.getLogger("crm_sync")


@contextmanager
def told_to_airflow(stage: str) -> Iterator[None]:
    """Translate this package's errors. ``from None``: a cause may quote what was said of a person."""
    try:
        yield
    except BusyError as error:
        log.info("%s; looking again in %.0f s", error, BUSY_WAIT_SECONDS)
        raise AirflowRescheduleException(datetime.now(UTC) + timedelta(seconds=BUSY_WAIT_SECONDS)) from None
    except UnderWayError as error:
        log.info("%s in %.0f s, without holding a worker until then", error, error.seconds)
        trigger = TimeDeltaTrigger(timedelta(seconds=error.seconds))
        raise TaskDeferred(trigger=trigger, method_name="look_again") from None
    except QuotaExhaustedError as error:
        log.warning("%s; going on at 00:00 UTC", error)
        raise AirflowRescheduleException(next_midnight(datetime.now(UTC))) from None
    except (ConfigError, ContractError, LoadFailedError) as error:
        raise AirflowFailException(str(error)) from None
    except TransientError as error:
        raise AirflowException(str(error)) from None
    except AirflowException:
        raise
    except Exception as error:  # noqa: BLE001  a bug of ours
        # Where it happened, without what was at hand there.
        log.error("unexpected %s at\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
        raise AirflowException(f"unexpected {type(error).__name__} in {stage}; the task's log says where") from None
