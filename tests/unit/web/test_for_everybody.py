"""The pages in a real browser, for everybody: WCAG 2.2 AA as axe-core holds it, light and dark, wide and at 320 pixels,
with long names, in the reader's own time zone."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from local.background import await_until
from system.sync_page import CHROMIUM, Window, browser_window
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import RUN, holding, outcome, person, planned, run

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = (
    *("/", "/runs", "/exceptions", "/people", "/why", "/why/1", "/settings", "/run?dag_id=x&run_id=y"),
    *(RUN + each for each in ("red", "red&values=true", "preview", "held")),
)
LONG = "A list of a name that is as long as names may be " * 4
NAMES = """
    [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].map((each) => {
      const name = each.getAttribute("aria-label") || each.labels?.[0]?.textContent || each.textContent;
      const place = each.href || `${each.dataset.dag} ${each.dataset.conf} ${each.form?.action}`;
      return [each.tagName, name.trim().replace(/ +/g, " "), place];
    })
"""
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def served(visit: Visit) -> Iterator[str]:
    """Where the pages of a troubled association are."""
    trouble(visit)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(visit.client.app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert await_until(lambda: server.started, 60)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def window() -> Iterator[Window]:
    pytest.importorskip("playwright", reason="no playwright in this environment")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}: make browser installs it")
    with browser_window() as made:
        yield made


def trouble(visit: Visit) -> None:
    """All that the pages can show: long names, refusals, people who wait, an alert, a held plan, a run under way."""
    visit.guest.providers = ["constant_contact", "higher_logic", "mailchimp", "votervoice"]
    person(visit, 1, "Ann")
    visit.in_crm(f"update crm.list set name = '{LONG}'")
    visit.ledger("insert into crm_sync.cursor (provider, snapshot) values ('mailchimp', pg_current_snapshot()::text)")
    number = run(visit, "red", "recorded", 60, left_over=3, waiting=3, notice=LONG)
    for who, (status, reason) in enumerate([("refused", "address_taken"), ("deferred", "load_failed")] * 3, 1):
        outcome(visit, number, planned(visit, number, who=who), status, reason)
    holding(visit, 1, "active", lists="{1,2}")
    holding(visit, 2, "absent", reason="deferred", refused_at="2026-11-20 09:30Z")
    holding(visit, 3, "absent", reason="address_taken", refused_at="2026-11-20 09:30Z")
    visit.ledger(
        f"insert into crm_sync.list_holding (provider, list_id, name) values ('mailchimp', 1, '{LONG}'),"
        f" ('mailchimp', 2, '{LONG.replace(' ', '')}')"
    )
    visit.ledger(
        "insert into crm_sync.set_aside (run_id, provider, contact_id, reason)"
        f" values ({number}, 'mailchimp', 5, 'address_not_valid')"
    )
    visit.ledger(
        "insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in, untold)"
        " values ('mailchimp', 'load_failed', 'red', 'red', 'the setting alert_emails is not set')"
    )
    held = run(visit, "held", "held", 30)
    visit.ledger(
        "with asked as (insert into crm_sync.question (provider, run_id, mode, weighed, why)"
        f" values ('mailchimp', {held}, 'changes', '{{}}', 'the plan has 9 of 10 people taken away')"
        " returning question_id)"
        f" update crm_sync.run set question_id = (select question_id from asked) where run_id = {held}"
    )
    told_at_length(visit, number)
    run(visit, "on", "planned", 1, planned=100, planned_at="2026-11-24 15:00Z")


def told_at_length(visit: Visit, number: int) -> None:
    """A preview that needs approval, an update with its values in the run of that number, and a refused list."""
    kept = json.dumps([{"kind": "memberships", "cause": "list_gone", "list_name": LONG, "number": 9}])
    run(visit, "preview", "previewed", 10, dry_run=True, brake="the plan has 9 of 10 people taken away", removals=kept)
    operation = planned(visit, number, "update", who=9)
    outcome(visit, number, operation, "deferred", "load_failed", "update")
    before, after = json.dumps({"FNAME": LONG.replace(" ", "")}), json.dumps({"FNAME": LONG})
    visit.ledger(f"insert into crm_sync.changed_record values ({number}, {operation}, '{before}', '{after}')")
    visit.ledger("update crm_sync.list_holding set reason = 'list_name_taken' where list_id = 2")


def found_by_axe(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="make browser installs axe-core")
    told = axe.Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{each['id']}: {node['html'][:120]} {node['failureSummary']}" for each in told for node in each["nodes"]]


def names_that_stand_for_several(page: Any) -> dict[tuple[str, str], set[str]]:
    """Accessible names of one kind of element that lead to different places."""
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, name, place in page.evaluate(NAMES):
        places[kind, name].add(place)
    return {key: found for key, found in places.items() if len(found) > 1 or not key[1]}


def what_stands_out(page: Any, width: int) -> list[str]:
    """What axe-core has no rule for."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    names = [f"{name} is the name of {len(found)}" for name, found in names_that_stand_for_several(page).items()]
    return names + ([f"{wide} pixels wide"] if wide > width else [])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 320])
def test_every_page_is_for_everybody(served: str, window: Window, theme: str, width: int) -> None:
    window.page.emulate_media(color_scheme=theme)
    window.page.set_viewport_size({"width": width, "height": 800})
    faults = {}
    for path in PAGES:
        window.page.goto(served + path)
        faults[path] = [*found_by_axe(window.page), *what_stands_out(window.page, width)]
        window.picture(f"{theme}-{width}-{re.sub(r'[^a-z]+', '-', path)}")
    assert len(faults) == len(PAGES)
    assert {path: found for path, found in faults.items() if found} == {}
    assert window.hosts == {"127.0.0.1"}
    assert window.complaints == []


def test_times_are_in_the_zone_that_airflow_has_and_the_place_is_marked(served: str, window: Window) -> None:
    window.page.goto(served + "/exceptions")
    window.page.evaluate("localStorage.setItem('timezone', JSON.stringify('Asia/Kolkata'))")
    window.page.reload()
    window.page.get_by_text("2026-11-20 15:00 GMT+5:30").wait_for()
    assert window.page.get_by_text(" UTC", exact=False).count() == 0
    marked = window.page.locator("nav [aria-current=page]").all_inner_texts()
    assert marked == ["Refused and set aside"]


def test_with_the_keyboard_alone_one_comes_to_what_is_not_well(served: str, window: Window) -> None:
    window.page.goto(served + "/")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.textContent") == "Skip to content"
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.closest('#wellness') !== null")


def test_a_full_sync_and_switching_off_are_asked_once_more(served: str, window: Window) -> None:
    asked: list[str] = []
    window.page.on("request", lambda request: asked.extend([request.url] if "/api/v2/" in request.url else []))
    window.page.route("**/api/v2/**", lambda route: route.abort())
    window.page.goto(served + "/")
    card = window.page.locator("#mailchimp")
    for button, yes in (("Full sync: Mailchimp", "Full sync"), ("Synchronize Mailchimp", "Pause Mailchimp")):
        dialog = window.page.get_by_role("dialog")
        card.get_by_label(button, exact=True).click()
        dialog.get_by_role("button", name="Cancel").click()
        dialog.wait_for(state="hidden")
        assert asked == []
        card.get_by_label(button, exact=True).click()
        assert found_by_axe(window.page) == []
        with window.page.expect_request("**/api/v2/**"):
            dialog.get_by_role("button", name=yes, exact=True).click()
        asked.clear()
    with window.page.expect_request("**/api/v2/**"):
        card.get_by_label("Sync now: Mailchimp", exact=True).click()
