"""Imports go one way: what may know whom, and that all but the rim loads without Airflow."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from architecture.source import PLUGINS, REPOSITORY, TESTS, Module, is_below, modules

# Who may import what of the project, the most specific line first; "{provider}" is the module's own. What is not
# named may not be imported: a new module gets its line before its first import.
CORE = ("model", "errors", "settings")
LAYERS: dict[str, tuple[str, ...]] = {
    "model": ("errors",),
    "errors": (),
    "settings": ("model", "errors"),
    "pages": ("providers",),
    "side_work": (),
    "network": ("errors", "providers.base"),
    "answer": ("errors",),
    "line": ("errors", "answer", "network"),
    "transport": (*CORE, "answer", "budget", "line", "network", "providers.base"),
    "operations": ("model",),
    "copy_text": (),
    "sql_text": ("errors",),
    "statements": ("errors",),
    "sql_errors": ("errors", "statements"),
    "database": (*CORE, "copy_text", "statements", "sql_text", "sql_errors"),
    "store": (*CORE, "statements", "database"),
    "memory": (*CORE, "database"),
    "budget": (*CORE, "answer", "memory", "providers.base"),
    "oauth": (*CORE, "answer", "network", "providers.base"),
    "token_keeper": (*CORE, "answer", "memory", "oauth"),
    "connect": (*CORE, "database", "store", "memory", "oauth", "providers", "hooks"),
    "account": (*CORE, "database", "store", "providers", "hooks"),
    "pipeline": (*CORE, "operations", "statements", "database", "sql_errors", "store", "providers.base", "pipeline"),
    "providers.base": (*CORE, "operations", "memory"),
    "providers.records": ("providers.texts",),
    "providers.texts": (),
    "providers.postal": (),
    "providers.{provider}.hook": (*CORE, "transport", "providers.base", "hooks", "providers.{provider}"),
    "providers.{provider}": (
        *(*CORE, "operations", "answer", "network", "transport", "memory", "budget", "oauth", "token_keeper"),
        *("providers.base", "providers.records", "providers.texts", "providers.postal", "providers.{provider}"),
    ),
    "providers": (*CORE, "providers.base"),
    "hooks": (*CORE, "database", "store", "memory", "transport", "providers", "hooks"),
    "alerts": (*CORE, "database", "store", "pipeline", "providers", "hooks", "pages", "side_work", "alerts"),
    "operators": (
        *(*CORE, "transport", "database", "store", "pipeline", "providers", "hooks"),
        *("alerts", "pages", "side_work", "statements", "operators"),
    ),
    "provider_info": (*CORE, "providers", "hooks"),
    "web.rights": ("providers", "pages", "web"),
    "web.schedule": ("pages",),
    "web": (
        *(*CORE, "account", "database", "store", "memory", "oauth", "connect", "pipeline", "providers", "hooks"),
        *("pages", "web"),
    ),
}
MAY_IMPORT_AIRFLOW = (
    "hooks",
    "operators",
    "alerts",
    "connect",
    "account",
    "web.rights",
    "web.schedule",
)
# These name Airflow by extending or reading hooks alone.
THROUGH_THE_HOOKS = ("providers.{provider}.hook", "provider_info")
STDLIB_ONLY = tuple(f"crm_sync.{name}" for name in CORE)
OUTSIDE_THE_PIPELINE = ("airflow", "requests", "crm_sync.transport.http")

README = REPOSITORY / "README.md"
LIBRARY = modules(PLUGINS, "crm_sync")
NAMES = {module.name for module in LIBRARY}
PROVIDERS = sorted(
    module.name.split(".")[2]
    for module in LIBRARY
    if module.path.name == "__init__.py" and module.path.parent.parent.name == "providers"
)


def layer_of(module: Module) -> str:
    """The most specific line of LAYERS for a module, "{provider}" put in; "" when there is none."""
    inside = module.name.removeprefix("crm_sync").removeprefix(".")
    for layer in LAYERS:
        for provider in PROVIDERS:
            if is_below(inside, layer.format(provider=provider)):
                return layer
    return ""


def provider_of(module: Module) -> str:
    """The provider whose folder a module lies in; "" when it lies in none."""
    return next((name for name in PROVIDERS if is_below(module.name, f"crm_sync.providers.{name}")), "")


def permitted(module: Module) -> list[str]:
    """The packages of the project that a module may import."""
    return [f"crm_sync.{each.format(provider=provider_of(module))}" for each in LAYERS[layer_of(module)]]


def test_there_is_something_to_guard() -> None:
    assert {"crm_sync.model", "crm_sync.errors", "crm_sync.settings", "crm_sync.ledger.store"} <= NAMES
    assert "mailchimp" in PROVIDERS
    assert len([module for module in LIBRARY if is_below(module.name, "crm_sync.pipeline")]) >= 6


def test_every_module_has_its_layer() -> None:
    homeless = [module.label for module in LIBRARY if module.name != "crm_sync" and not layer_of(module)]
    assert homeless == [], "say in LAYERS what these may import"


def test_imports_go_one_way() -> None:
    crossings = []
    for module in LIBRARY:
        allowed = [*permitted(module), module.name] if module.name != "crm_sync" else []
        # `from crm_sync import store` and `from crm_sync.providers import get` name a package's own content.
        known = {name for name in module.imports if is_below(name, "crm_sync")}
        crossings += [
            f"{module.label} imports {name}"
            for name in known
            if not any(is_below(name, package) for package in allowed)
        ]
    assert sum(len(module.imports) for module in LIBRARY) > 100
    assert sorted(crossings) == []


def test_the_core_needs_the_standard_library_only() -> None:
    core = [module for module in LIBRARY if module.name in STDLIB_ONLY]
    assert len(core) == len(STDLIB_ONLY)
    strangers = [
        f"{module.label} imports {name}"
        for module in core
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
        if any(provider in text.lower() for provider in PROVIDERS)
    ]
    assert known == []


def test_only_the_rim_imports_airflow() -> None:
    importing = [module for module in LIBRARY if any(is_below(name, "airflow") for name in module.imports)]
    assert importing, "no module imports airflow: this test looks in the wrong place"
    assert [module.label for module in importing if layer_of(module) not in MAY_IMPORT_AIRFLOW] == []


def test_the_readme_names_the_rim() -> None:
    importing = {layer_of(module) for module in LIBRARY if any(is_below(name, "airflow") for name in module.imports)}
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
    ("absent", "layers"),
    [
        (("airflow",), ("model", "errors", "settings", "transport", "database", "store", "pipeline", "providers")),
        (("airflow", "pandas", "numpy", "great_expectations", "requests"), CORE),
    ],
    ids=["without airflow", "without anything"],
)
def test_modules_inside_the_rim_load_without(absent: tuple[str, ...], layers: tuple[str, ...]) -> None:
    names = [
        module.name
        for module in LIBRARY
        if layer_of(module).split(".")[0] in layers
        and layer_of(module) not in (*MAY_IMPORT_AIRFLOW, *THROUGH_THE_HOOKS)
    ]
    assert len(names) >= len(layers)
    lines = ["import sys, importlib", *(f"sys.modules[{name!r}] = None" for name in absent)]
    lines += [f"importlib.import_module({name!r})" for name in names]
    lines += [f"print(len([name for name in {names!r} if name in sys.modules]))"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PLUGINS)}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == len(names)
