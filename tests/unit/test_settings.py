"""Settings: where they are read from, what is said of mistakes, and that docs/settings.md has them all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from airflow.configuration import conf

from crm_sync import providers
from crm_sync.dags import create_dags
from crm_sync.errors import ConfigError
from crm_sync.hooks import configuration
from crm_sync.operators.sync import _run
from crm_sync.pipeline import STAGES
from crm_sync.settings import PREFIX, FieldOf, OfProvider, Pilot, Selection, Settings

# Keys of a provider that are tables of their own.
TABLES: dict[str, type] = {"lists": Selection, "fields": FieldOf, "pilot": Pilot}
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(autouse=True)
def dags_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Airflow's folder of DAGs, empty."""
    folder = tmp_path / "dags"
    folder.mkdir()
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(folder))
    assert conf.get("core", "dags_folder") == str(folder)
    return folder


@pytest.fixture
def file(dags_folder: Path) -> Path:
    """Where the file of settings is looked for first."""
    return dags_folder / configuration.FILE


def fault(text: str, file: Path) -> str:
    """The only fault of a file."""
    file.write_text(text, encoding="utf-8")
    (found,) = configuration.read().faults
    return found


def test_nothing_set_is_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER", "1")
    assert configuration.read() == configuration.Configuration(Settings())


def test_defaults_load_no_library_of_settings(dags_folder: Path) -> None:
    program = (
        "import sys; from crm_sync.hooks import configuration; configuration.read();"
        " sys.exit('pydantic_settings' in sys.modules)"
    )
    environment = {"AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder), "AIRFLOW_HOME": str(dags_folder), "PATH": "/bin"}
    path = {"PYTHONPATH": str(DOCS.parent / "plugins")}
    done = subprocess.run([sys.executable, "-c", program], env={**environment, **path}, check=False)
    assert done.returncode == 0


def test_a_variable_wins_over_the_file_and_each_origin_is_known(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        "# Ours.\nbrake_floor = 7\nattempts = 2\n\n[providers.mailchimp]\n"
        'schedule = "*/5 * * * *"\nbrake_share = 0.3  # generous\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("CRM_SYNC_ATTEMPTS", "3")
    monkeypatch.setenv("CRM_SYNC_PROVIDERS__MAILCHIMP__BRAKE_SHARE", "0.4")
    monkeypatch.setenv("CRM_SYNC_ALERT_EMAILS", "a@example.org, b@example.org")

    found = configuration.read()

    settings = found.require()
    assert (settings.brake_floor, settings.attempts, settings.brake_share) == (7, 3, 0.1)
    assert settings.alert_emails == ("a@example.org", "b@example.org")
    assert settings.own("mailchimp") == OfProvider(schedule="*/5 * * * *", brake_share=0.4)
    assert settings.own("votervoice") == OfProvider()
    assert settings.of("mailchimp").brake_share == 0.4
    assert settings.of("votervoice") == settings
    assert found.origins == {
        "brake_floor": "crm_sync.toml, line 2",
        "attempts": "CRM_SYNC_ATTEMPTS",
        "alert_emails": "CRM_SYNC_ALERT_EMAILS",
        "providers.mailchimp.schedule": "crm_sync.toml, line 6",
        "providers.mailchimp.brake_share": "CRM_SYNC_PROVIDERS__MAILCHIMP__BRAKE_SHARE",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nbrake_shaer = 0.2", "crm_sync.toml, line 2: brake_shaer is not a setting, brake_share is: rename it"),
        ('brake_share = "ten"', "crm_sync.toml, line 1: brake_share must be a valid number.*; largest share"),
        ("brake_share = 1.5", "line 1: brake_share must be less than or equal to 1; largest share"),
        ("brake_share = nan", "line 1: brake_share must be a finite number"),
        ("brake_floor = 1.5", "line 1: brake_floor must be a valid integer"),
        ("attempts = 0", "line 1: attempts must be greater than or equal to 1"),
        ('do_not_contact_scope = "all"', "must be 'contact' or 'list'"),
        ("[providers.mailchip]\nenabled = true", "line 1: providers.mailchip is not a provider; there are constant_co"),
        ("[providers.mailchimp]\n\nenabld = true", "line 3: providers.mailchimp.enabld .* enabled is: rename it"),
        ("providers.mailchimp.enabled = 3", "line 1: providers.mailchimp.enabled must be a valid boolean"),
        ("providers = 3", "line 1: providers must be a valid dictionary"),
        ('[providers.mailchimp]\nschedule = "@often"', "line 2: must be a cron expression of five fields"),
        ('[providers.mailchimp]\nschedule = "61 * * * *"', "line 2: must be a cron expression of five fields"),
        (
            "[providers.mailchimp.lists]\n\nexclud = [1]",
            "line 3: providers.mailchimp.lists.exclud .* exclude is: rename",
        ),
        ('providers.mailchimp.lists.exclude = ["kind:board"]', "line 1: .*lists.exclude .*kind:list or kind:committee"),
        ("[providers.mailchimp.lists]\ninclude = []", "line 2: .*lists.include .*at least 1 item"),
        ("providers.mailchimp.pilot = { people = -1 }", "line 1: providers.mailchimp.pilot.people must be greater"),
        (
            '[providers.mailchimp.fields]\n\nA = { column = "a", type = "dat" }',
            "line 3: .*fields.A.type must be .* date",
        ),
        ("[providers.mailchimp.fields]\nA = { type = 'date' }", "line 2: .*fields.A.*[Ff]ield required"),
        (
            '[providers.votervoice.fields]\n1 = { column = "a", type = "zip" }',
            "line 2: .*fields.1.type must be .* choices",
        ),
        (
            "[providers.constant_contact.fields]\n" + "".join(f'F{n} = "a"\n' for n in range(26)),
            "line 2: .*Constant Contact takes at most 25 fields",
        ),
        ("brake_share 0.2", r"crm_sync.toml is not valid TOML: .*line 1"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line_and_what_is_valid(text: str, said: str, file: Path) -> None:
    found = fault(text, file)
    assert re.search(said, found), found
    with pytest.raises(ConfigError, match=re.escape(found)):
        configuration.read().require()


def test_fields_of_a_provider_that_takes_none_are_a_mistake(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = replace(providers.get("votervoice"), field_types=())
    monkeypatch.setattr(providers, "get", lambda _: without)
    assert "line 2: providers.votervoice.fields.A: VoterVoice takes no" in fault(
        '[providers.votervoice.fields]\nA = "a"', file
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BRAKE_SHARE", "ten", "CRM_SYNC_BRAKE_SHARE must be a valid number.*share"),
        ("BRAKE_SHARE", "inf", "CRM_SYNC_BRAKE_SHARE must be a finite number"),
        ("ROWS_PER_FRAME", "0", "greater than or equal to 1"),
        ("BRAKE_SHAER", "0.5", "CRM_SYNC_BRAKE_SHAER is not a setting, CRM_SYNC_BRAKE_SHARE is: rename it"),
        ("DISABLED_PROVIDERS", "x", "CRM_SYNC_DISABLED_PROVIDERS is not a setting, remove it"),
        ("PROVIDERS__MAILCHIMP__ENABLD", "no", "CRM_SYNC_PROVIDERS__MAILCHIMP__ENABLD is not a setting, enabled is"),
        ("PROVIDERS__MAILCHIP__ENABLED", "no", "CRM_SYNC_PROVIDERS__MAILCHIP__ENABLED is not a provider"),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    (found,) = configuration.read().faults
    assert re.search(said, found), found


def test_every_mistake_is_found_at_once_and_the_rest_counts(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('brake_flor = 1\nattempts = "x"\nbrake_share = 0.5\n', encoding="utf-8")
    monkeypatch.setenv("CRM_SYNC_SOMETHING", "1")
    found = configuration.read()
    assert len(found.faults) == 3
    # Nothing is pruned meanwhile, for how long it is to be kept may be what could not be read.
    assert min(found.settings.ledger_retention_days, found.settings.change_log_retention_days) > 36_000
    usual = replace(found.settings, ledger_retention_days=400, change_log_retention_days=60)
    assert usual == replace(Settings(), brake_share=0.5)


def test_no_value_stands_in_a_message(file: Path) -> None:
    assert "ann@example.org" not in fault('alert_emails = "ann@example.org"', file)


@pytest.mark.parametrize("place", ["named", "dags", "beside"])
def test_the_file_is_found(place: str, dags_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = {"named": tmp_path / "elsewhere", "dags": dags_folder, "beside": tmp_path}[place]
    folder.mkdir(exist_ok=True)
    path = folder / configuration.FILE
    path.write_text("attempts = 2", encoding="utf-8")
    if place == "named":
        monkeypatch.setenv(configuration.VARIABLE, str(path))
    assert configuration.read() == configuration.Configuration(
        replace(Settings(), attempts=2), (), {"attempts": "crm_sync.toml, line 1"}, path
    )


def test_a_named_file_that_is_not_there_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(configuration.VARIABLE, "/nowhere.toml")
    assert "does not name a file" in configuration.read().faults[0]


def folder(path: Path) -> None:
    """What Docker makes of a file to mount that is not there."""
    path.mkdir()


def link_to_nothing(path: Path) -> None:
    """A file that a volume or a checkout is yet to bring."""
    path.symlink_to(path.parent / "not there yet")


def half_a_file(path: Path) -> None:
    path.write_text("[providers.votervoice]\nenabled = fal", encoding="utf-8")


def no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


UNREADABLE = pytest.mark.parametrize("make", [folder, link_to_nothing, half_a_file, no_text])


@UNREADABLE
@pytest.mark.parametrize("is_named", [False, True])
def test_a_file_that_cannot_be_read_is_a_mistake_and_not_the_defaults(
    make: Callable[[Path], None], is_named: bool, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(file)
    if is_named:
        monkeypatch.setenv(configuration.VARIABLE, str(file))
    (found,) = configuration.read().faults
    assert file.name in found or configuration.VARIABLE in found


@UNREADABLE
@pytest.mark.parametrize("stage", STAGES)
def test_while_it_cannot_be_read_nothing_runs_but_opt_outs(
    stage: str, make: Callable[[Path], None], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that it switches off, or a pilot, must not be forgotten; ``record`` closes a run that has failed."""
    make(file)
    ran: list[str] = []

    def run_stage(name: str, _: object) -> dict[str, int]:
        ran.append(name)
        return {}

    monkeypatch.setattr("crm_sync.pipeline.run_stage", run_stage)
    for name in ("translate_errors", "attend"):
        monkeypatch.setattr(f"crm_sync.operators.sync.{name}", lambda *_: nullcontext())
    monkeypatch.setattr("crm_sync.operators.metrics.measured", lambda *_: nullcontext())
    context: Any = {}
    with nullcontext() if stage in {"opt_outs", "record"} else pytest.raises(ConfigError):
        _run(stage, configuration.read(), context, None, context)
    assert ran == ([stage] if stage in {"opt_outs", "record"} else [])


def test_of_two_files_none_is_guessed(file: Path, tmp_path: Path) -> None:
    (tmp_path / configuration.FILE).write_text("", encoding="utf-8")
    assert "remove one" in fault("attempts = 2", file)


def test_dags_are_made_whatever_is_wrong_and_follow_a_schedule_that_is_right(file: Path) -> None:
    def expressions() -> dict[str, Any]:
        clocks = {name: getattr(dag.timetable, "timetable", dag.timetable) for name, dag in create_dags().items()}
        return {name: getattr(clock, "expression", "") for name, clock in clocks.items()}

    usual = expressions()
    file.write_text('nonsense = 1\n[providers.mailchimp]\nschedule = "7 * * * *"', encoding="utf-8")
    assert expressions() == {**usual, "crm_to_mailchimp": "7 * * * *"}
    file.write_text('[providers.mailchimp]\nschedule = "never"', encoding="utf-8")
    assert expressions() == usual
    file.write_text("[[[", encoding="utf-8")
    assert expressions() == usual


def row(name: str, known: Any) -> str:
    """The line of a key in the docs."""
    default = known.default
    said = "" if known.is_required() or default in ("", (), None) or known.default_factory else default
    said = said[0] if isinstance(said, tuple) else str(said).lower() if isinstance(said, bool) else said
    return f"| `{name}` | {said} | {known.description} |"


def test_the_docs_have_every_key_with_default_and_meaning() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    # mypy takes what pydantic makes of a dataclass for the dataclass alone.
    everywhere, own = Settings.__pydantic_fields__, OfProvider.__pydantic_fields__  # type: ignore[attr-defined]
    rows = [row(name, known) for name, known in everywhere.items() if name != "providers"]
    rows += [row(name, known) for name, known in own.items() if name not in everywhere and name not in TABLES]
    tables = (known for kind in TABLES.values() for known in kind.__pydantic_fields__.items())  # type: ignore[attr-defined]
    rows += [row(*each) for each in tables]
    assert len(rows) > 20
    assert [each for each in rows if each not in text] == []
    assert [each for each in re.findall(r"^\| `[a-z].+$", text, re.MULTILINE) if each not in rows] == []
    assert all(f"`{name}`" in text for name in own)
