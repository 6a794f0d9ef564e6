"""A page that brings itself up to date does not get in the way of a person who leaves it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Route

from system.airflow_home import REPOSITORY
from system.sync_page import Window

SCRIPT = Path(REPOSITORY, "plugins/crm_sync/web/static/app.js").read_text(encoding="utf-8")
PAGE = "http://sync.example.org"
OF_A_RUN = "<title>Run</title><p id=state data-live{}>A run</p><a href=/providers>Providers</a><script>{}</script>"


def test_a_link_that_was_clicked_is_followed_though_the_run_ends_meanwhile(window: Window) -> None:
    clicked: list[Route] = []

    def answer(route: Route) -> None:
        if route.request.url.endswith("/providers"):
            clicked.append(route)  # it takes its time
        elif route.request.resource_type == "fetch":
            route.fulfill(content_type="text/html", body=OF_A_RUN.format("", ""))  # the run is over
        else:
            route.fulfill(content_type="text/html", body=OF_A_RUN.format(" data-reload=1", SCRIPT))

    window.page.route(f"{PAGE}/**", answer)
    window.page.goto(f"{PAGE}/run")
    with window.page.expect_event("response", lambda found: found.request.resource_type == "fetch"):
        window.page.get_by_role("link", name="Providers").click(no_wait_after=True)
    with window.page.expect_event("load"):
        clicked[0].fulfill(content_type="text/html", body="<title>Providers</title>")
    assert window.page.url == f"{PAGE}/providers"
