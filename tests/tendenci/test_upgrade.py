"""Views go away for one of Tendenci's own migrations, and come back after it; meanwhile nobody is removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from crm_sync.cli import main
from crm_sync.errors import ConfigError
from local.postgres import Postgres
from standins import Fresh
from tendenci.association import Association, association
from tendenci.running import CrashError, Tendenci

pytestmark = [pytest.mark.tendenci]


@pytest.fixture
def begun(
    postgres: Postgres, tendenci: Tendenci, fresh_standin: Fresh, source: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Association]:
    """One provider in step; the commands find the owner of the tables."""
    with association(postgres, tendenci, fresh_standin, ["mailchimp"]) as made:
        made.run()
        monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM_OWNER", made.owner_dsn)
        yield made


def command(*words: str) -> None:
    done = CliRunner().invoke(main, ["crm", *words])
    assert done.exit_code == 0, done.output


def test_a_migration_runs_between_the_two_commands(begun: Association) -> None:
    before = begun["mailchimp"].holds()
    with pytest.raises(CrashError, match="cannot alter type of a column used by a view"):
        begun.tendenci("installing.migrate")

    command("drop-views")
    with pytest.raises(ConfigError, match=r"crm\.|schema"):
        begun.run()
    begun.tendenci("installing.migrate")
    command("install")

    begun.run()
    begun.run()
    assert begun["mailchimp"].state_of_last_run() == "idle"
    assert begun["mailchimp"].holds() == before
    begun.assert_as_tendenci_says()
