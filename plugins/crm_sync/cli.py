"""The command ``crm-sync``: what the sync page shows and does, on the command line of a machine that
has Airflow's connections."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO

import click

from crm_sync import providers
from crm_sync.errors import CrmSyncError
from crm_sync.pages import dag_of

_NAMES = click.Choice(providers.names())
_OF_PROVIDER = click.option("--provider", "names", type=_NAMES, multiple=True, help="Only this one; may be repeated.")


class _Group(click.Group):
    """An error of ours is a message with its remedy, and no traceback."""

    def invoke(self, ctx: click.Context) -> object:
        import airflow  # noqa: F401  it asks this package for its connection types while it is loaded

        try:
            return super().invoke(ctx)
        except CrmSyncError as error:
            raise click.ClickException(str(error)) from None


def run() -> None:
    """The program: what Airflow and libraries log at work is not written among our lines."""
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    main()


@click.group(cls=_Group)
@click.version_option(package_name="crm-sync")
def main() -> None:
    """Keeps an association's CRM in step with its newsletter, community and advocacy services."""


@main.command()
@_OF_PROVIDER
def check(names: tuple[str, ...]) -> None:
    """Look whether a run could be: settings, databases, clocks, accounts. Exits with 1 where one could not."""
    from crm_sync.checks import checks

    bad = 0
    for each in checks(list(names) or providers.names()):
        click.echo(f"{'not ok' if each.problem else 'ok':6}  {each.what}: {each.problem or each.found}")
        bad += bool(each.problem)
    sys.exit(1 if bad else 0)


@main.command()
def migrate() -> None:
    """Bring the state database up to date with this release."""
    from crm_sync.hooks.database import STATE, open_database
    from crm_sync.ledger import store

    with open_database(*STATE) as state:
        done = store.migrate(state)
    click.echo(f"applied: {', '.join(done)}" if done else "the state database is up to date")


@main.command("crm-sql")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--crm", "name", help="Which CRM; the one that CRM_SYNC_CRM names, unless you say otherwise.")
def crm_sql(folder: Path, name: str | None) -> None:
    """Write the SQL of a CRM into a new folder: what you install there, and the statements to adapt."""
    from crm_sync.ledger import sources

    source = sources.named(name) if name else sources.chosen()
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; name a new folder")
    shutil.copytree(sources.SQL / "crm" / source.name, folder, dirs_exist_ok=True)
    if (folder / "install").is_dir():
        click.echo(f"Read the scripts of {folder / 'install'}, and run them in the CRM, as the owner of its tables.")
    else:
        click.echo(f"Nothing has to be installed in {source.title}.")
    click.echo("Statements that you adapt go into a folder of their own, which CRM_SYNC_SQL_FOLDER names.")


@main.group()
def crm() -> None:
    """Install the views of a CRM in it, or drop them, as the owner of its tables: the Airflow connection
    crm_sync_crm_owner."""


@crm.command()
def install() -> None:
    """Create the views, and the role with the rights that the pipeline needs. May be repeated."""
    from crm_sync import crm_views

    crm_views.install()
    click.echo(f"installed; grant {crm_views.ROLE} to the login user of the connection crm_sync_crm, unless it has it")


@crm.command("drop-views")
def drop_views() -> None:
    """Drop the views, before an upgrade of the CRM; install creates them again. No data is lost."""
    from crm_sync import crm_views

    crm_views.drop()
    click.echo("dropped; until you install them again, runs fail and remove nobody")


@main.command()
@_OF_PROVIDER
def status(names: tuple[str, ...]) -> None:
    """Say of each provider how its last run ended, and what is wrong."""
    from crm_sync.web import labels, wellness
    from crm_sync.web.cards import read_cards
    from crm_sync.web.schedule import Schedule

    cards, trouble = read_cards(list(names) or providers.names())
    for card in cards.values():
        state = labels.run_status(card.newest) if card.newest else "no run yet"
        click.echo(f"{card.title}: {state}; refused {card.refused}, set aside {card.aside}")
        for alert in card.alerts:
            click.echo(f"  {labels.ALERTS.get(alert.kind, alert.kind)} since {labels.utc(alert.since)}")
        for found in wellness.troubles([wellness.Standing(replace(card, alerts=[]), "", Schedule())], ""):
            click.echo(f"  {found.text.removeprefix(card.title + ': ')}")
    if trouble:
        raise click.ClickException(f"the CRM cannot be asked: {trouble}")


@main.command()
@click.option("--provider", "name", type=_NAMES, required=True)
@click.option("--full", "mode", flag_value="full", help="Compare everyone with what the provider holds.")
@click.option("--compare", "mode", flag_value="compare", help="Compare everyone with the ledger.")
@click.option("--dry-run", is_flag=True, help="Send nothing; the run's page says what would happen.")
def sync(name: str, mode: str | None, *, dry_run: bool) -> None:
    """Start a run of a provider's DAG, as the button on its card does."""
    wish = {"mode": mode or "changes", "dry_run": dry_run}
    command = [sys.executable, "-m", "airflow", "dags", "trigger", dag_of(name), "--conf", json.dumps(wish)]
    done = subprocess.run([*command, "--output", "json"], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(f"Airflow did not start it: {(done.stderr or done.stdout).strip()[-500:]}")
    click.echo(f"started {json.loads(done.stdout)[0]['dag_run_id']}")


@main.command()
@click.argument("contact_id", type=click.IntRange(1))
def why(contact_id: int) -> None:
    """Say at which providers and in which lists a contact is, or is not, and why. The question is logged, as
    on the page."""
    from crm_sync.web import why as words
    from crm_sync.web.person import read_person
    from crm_sync.web.reading import state_reading

    with state_reading() as state:
        state.run("page_people/log_looks", who=f"cli:{getpass.getuser()}", contact_ids=[contact_id], what="explained")
    person = read_person(contact_id, providers.names())
    if person is None:
        raise click.ClickException(f"neither the CRM nor the ledger knows a contact {contact_id}")
    for case in person.cases.values():
        click.echo(f"{case.title}: {words.summary(case)}")
        for line in words.lines(case):
            click.echo(f"  {line.name}: {line.why}")


@main.command()
@_OF_PROVIDER
@click.option("--reason", default="", help="Only those with this reason code.")
@click.option("--addresses", is_flag=True, help="With names and addresses; it is logged who took them.")
@click.option(
    "--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="A file; else the screen."
)
def export(names: tuple[str, ...], reason: str, output: IO[str], *, addresses: bool) -> None:
    """Write everyone and everything that a provider does not hold as the CRM says, with the reason, as CSV: the export
    of the page."""
    from crm_sync.web.exported import exported

    who = f"cli:{getpass.getuser()}"
    output.write(exported(list(names) or providers.names(), reason, who, addresses=addresses))


@main.command()
@click.argument("name", type=_NAMES, metavar="PROVIDER")
def connect(name: str) -> None:
    """Allow the pipeline to use an account, in a browser."""
    from crm_sync.connect import main as connect_account

    sys.exit(connect_account([name]))


@main.command()
@click.argument("name", type=_NAMES, metavar="PROVIDER")
@click.argument("says", type=click.Choice(["another", "same"]))
def account(name: str, says: str) -> None:
    """Say whether the account of a connection is another one by now, where the provider cannot tell."""
    from crm_sync.account import main as say

    sys.exit(say([name, says]))
