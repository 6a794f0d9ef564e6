"""Imports go one way: what may know whom, and that all but the rim loads without Airflow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from architecture.source import PLUGINS, REPOSITORY, TESTS, Module, is_below, modules

# What the rooms of crm_sync are, from the ground up: a folder, or a file beside them. A room may load what lies in the
# layers below its own; what only type checkers read is free to name what it types.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "forms", "live", "model", "reasons", "side_work"),
    ("client", "contract", "ledger", "operations", "removals", "run_status", "settings", "transport"),
    ("oauth", "pipeline"),
    ("crms", "providers"),
    ("hooks", "pages"),
    ("account", "alerts", "connect", "crm_views", "provider_info"),
    ("checks", "operators", "web"),
    ("cli", "dags", "plugin"),
)
GROUND = ("errors", "model", "settings")
MAY_IMPORT_AIRFLOW = (
    "cli",
    "dags",
    "plugin",
    "hooks",
    "operators",
    "alerts",
    "connect",
    "account",
    "web.rights",
    "web.schedule",
)
# This names Airflow by reading hooks alone.
THROUGH_THE_HOOKS = ("provider_info",)
# Settings are checked by pydantic, which Airflow brings along.
STDLIB_ONLY = ("crm_sync.errors", "crm_sync.model")
OUTSIDE_THE_PIPELINE = ("airflow", "requests", "crm_sync.transport.session")

README = REPOSITORY / "README.md"
LIBRARY = modules(PLUGINS, "crm_sync")
NAMES = {module.name for module in LIBRARY}
PROVIDERS = sorted(
    module.name.split(".")[2]
    for module in LIBRARY
    if module.path.name == "__init__.py" and module.path.parent.parent.name == "providers"
)


def room_of(name: str) -> str:
    """The room of a module of crm_sync; "" for the package itself."""
    return name.removeprefix("crm_sync").removeprefix(".").split(".")[0]


def rim_of(module: Module) -> str:
    """The line of MAY_IMPORT_AIRFLOW that a module stands in; "" where it may not import Airflow."""
    inside = module.name.removeprefix("crm_sync").removeprefix(".")
    return next((line for line in MAY_IMPORT_AIRFLOW if is_below(inside, line)), "")


def provider_of(module: Module) -> str:
    """The provider whose folder a module lies in; "" when it lies in none."""
    return next((name for name in PROVIDERS if is_below(module.name, f"crm_sync.providers.{name}")), "")


def loaded_by(module: Module) -> set[str]:
    """The modules of the project that a module loads, now or when one of its functions runs."""
    named = {name for name in module.loads if is_below(name, "crm_sync")}
    return {name if name in NAMES else name.rpartition(".")[0] for name in named} - {module.name, "crm_sync"}


def test_there_is_something_to_guard() -> None:
    assert {"crm_sync.model", "crm_sync.errors", "crm_sync.settings", "crm_sync.ledger.store"} <= NAMES
    assert "mailchimp" in PROVIDERS
    assert len([module for module in LIBRARY if is_below(module.name, "crm_sync.pipeline")]) >= 6
    assert sum(len(loaded_by(module)) for module in LIBRARY) > 100


def test_every_room_has_its_layer() -> None:
    assert len(LAYERS) <= 8
    rooms = sorted(room for layer in LAYERS for room in layer)
    assert rooms == sorted({room_of(module.name) for module in LIBRARY} - {""})


def test_no_import_runs_upward() -> None:
    height = {room: at for at, layer in enumerate(LAYERS) for room in layer}
    upward = [
        f"{module.label} loads {name}"
        for module in LIBRARY
        for name in loaded_by(module)
        if room_of(name) != room_of(module.name) and height[room_of(name)] >= height[room_of(module.name)]
    ]
    assert sorted(upward) == []


def test_no_import_goes_in_a_circle() -> None:
    graph = {module.name: loaded_by(module) for module in LIBRARY}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
    assert len(order) == len(LIBRARY)


def test_the_ground_needs_the_standard_library_only() -> None:
    ground = [module for module in LIBRARY if module.name in STDLIB_ONLY]
    assert len(ground) == len(STDLIB_ONLY)
    strangers = [
        f"{module.label} imports {name}"
        for module in ground
        for name in module.imports
        if name.split(".")[0] not in {*sys.stdlib_module_names, "crm_sync"}
    ]
    assert strangers == []


def test_the_pipeline_knows_no_airflow_no_network_and_no_provider() -> None:
    pipeline = [module for module in LIBRARY if is_below(module.name, "crm_sync.pipeline")]
    assert len(pipeline) >= 6
    forbidden = [*OUTSIDE_THE_PIPELINE, *(f"crm_sync.providers.{name}" for name in PROVIDERS)]
    known = [
        f"{module.label} imports {name}"
        for module in pipeline
        for name in module.imports
        if any(is_below(name, package) for package in forbidden)
    ]
    known += [
        f"{module.label}:{line} says {text!r}"
        for module in pipeline
        for line, text in module.texts()
        if any(re.search(rf"(?<![a-z0-9]){provider}(?![a-z0-9])", text.lower()) for provider in PROVIDERS)
    ]
    assert known == []


def test_only_the_rim_imports_airflow() -> None:
    importing = [module for module in LIBRARY if any(is_below(name, "airflow") for name in module.imports)]
    assert importing, "no module imports airflow: this test looks in the wrong place"
    assert [module.label for module in importing if not rim_of(module)] == []


def test_the_readme_names_the_rim() -> None:
    importing = {rim_of(module) for module in LIBRARY if any(is_below(name, "airflow") for name in module.imports)}
    assert importing == set(MAY_IMPORT_AIRFLOW), "a permission that nobody uses misleads a reader"
    sentence = re.search(r"Airflow is imported by (.+?) by nothing else", README.read_text(encoding="utf-8"), re.DOTALL)
    assert sentence
    named = {re.sub(r"^crm_sync/|\.py$", "", word) for word in re.findall(r"[\w*/.]+[\w*]", sentence[1])}
    paths = {layer.replace(".", "/") for layer in MAY_IMPORT_AIRFLOW}
    assert named - {"and", "by", "the", "commands"} == paths


def test_providers_do_not_know_each_other() -> None:
    theirs = [module for module in LIBRARY if provider_of(module)]
    assert len(theirs) >= 3
    others = [
        f"{module.label} imports {name}"
        for module in theirs
        for name in module.imports
        for other in PROVIDERS
        if other != provider_of(module) and is_below(name, f"crm_sync.providers.{other}")
    ]
    assert others == []


def test_stand_ins_do_not_know_the_pipeline() -> None:
    standins = modules(TESTS, "standins")
    assert len(standins) >= 10
    shared = [f"{m.label} imports {name}" for m in standins for name in m.imports if is_below(name, "crm_sync")]
    assert shared == [], "a misunderstanding shared by both sides would pass every test"


@pytest.mark.parametrize(
    ("absent", "rooms"),
    [
        (("airflow",), (*GROUND, "contract", "operations", "ledger", "transport", "oauth", "pipeline", "providers")),
        (("airflow", "pandas", "numpy", "great_expectations", "requests"), GROUND),
    ],
    ids=["without airflow", "without anything"],
)
def test_modules_inside_the_rim_load_without(absent: tuple[str, ...], rooms: tuple[str, ...]) -> None:
    names = [
        module.name
        for module in LIBRARY
        if room_of(module.name) in rooms and not rim_of(module) and room_of(module.name) not in THROUGH_THE_HOOKS
    ]
    assert len(names) >= len(rooms)
    lines = ["import sys, importlib", *(f"sys.modules[{name!r}] = None" for name in absent)]
    lines += [f"importlib.import_module({name!r})" for name in names]
    lines += [f"print(len([name for name in {names!r} if name in sys.modules]))"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PLUGINS)}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == len(names)
