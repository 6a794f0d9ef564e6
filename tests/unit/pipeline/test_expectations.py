"""Great Expectations is loaded once, in a process of its own here: quietly, and without what no rule needs."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import pytest

from architecture.source import PLUGINS
from crm_sync.pipeline import expectations

VALIDATE = """
import gc, json, logging, sys
logging.basicConfig(level=logging.INFO)
logging.captureWarnings(True)
import pandas as pd
from crm_sync import providers
from crm_sync.pipeline import validate
contacts = pd.DataFrame({
    "contact_id": [1, 2], "address": ["ann@example.org", "nobody"], "kind": "individual",
    "first_name": "First", "last_name": "Last", "organization_name": "",
})
bad = validate.set_aside(contacts, providers.get("mailchimp"))
print(json.dumps({"bad": bad["contact_id"].tolist(), "modules": sorted(sys.modules), "collects": gc.isenabled()}))
"""
# The first module that each of them loads.
INSIDE = ("scipy.stats._stats_py", "altair.utils")


def test_a_working_run_hears_nothing_of_it_and_loads_no_charts_or_distributions() -> None:
    done = subprocess.run(
        [sys.executable, "-c", VALIDATE], env={"PYTHONPATH": str(PLUGINS)}, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["bad"] == [2], "it is Great Expectations that found it"
    assert "great_expectations.expectations" in told["modules"]
    assert [name for name in INSIDE if name in told["modules"]] == []
    assert done.stderr == ""
    assert told["collects"], "the garbage collector works again"


def test_a_module_that_is_left_out_is_loaded_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setitem(sys.modules, "colorsys", expectations.LazyModule("colorsys"))
    import colorsys

    assert isinstance(sys.modules["colorsys"], expectations.LazyModule), "to import it is not to use it"
    assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert not isinstance(sys.modules["colorsys"], expectations.LazyModule)
    with pytest.raises(AttributeError):
        _ = colorsys.no_such_name


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with expectations._no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
