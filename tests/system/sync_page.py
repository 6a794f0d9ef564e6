"""A real Airflow with real logins around a small association: what the tests of the sync page visit."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import requests

from local.airflow import AirflowService, airflow_environment
from local.background import await_until
from local.postgres import Postgres, free_port
from local.world import World, facts
from standins.discovery import provider_names
from standins.process import StandIn
from system.association import DAG_ID, Association, as_environment, connections
from system.connections import by_the_clock
from system.mailbox import DATA_TEAM, Mailbox

# Name and role; each password is the name with this behind it.
ROLES = {"admin": "admin", "op": "op", "user": "user", "viewer": "viewer"}
PASSWORD_END = "-of-the-sync-page-tests"
PREFIX = "/crm_sync"
RUN = f"/run?dag_id={DAG_ID}&run_id="
DAG_SECONDS = 90.0
PATIENCE_MILLISECONDS = 150_000
# The runs that were made before Airflow started, by the names they would have there.
FIRST, PREVIEW = "test_1", "preview_1"
CHROMIUM = "/usr/bin/chromium"


class Person:
    """Somebody with a browser's cookie; nobody where ``name`` is empty."""

    def __init__(self, base_url: str, name: str = "") -> None:
        self.base_url, self.name = base_url, name
        self.session = requests.Session()
        self.session.trust_env = False
        if name:
            body = {"username": name, "password": name + PASSWORD_END}
            answer = self.session.post(f"{base_url}/auth/token", json=body, timeout=30)
            answer.raise_for_status()
            self.session.cookies.set("_token", answer.json()["access_token"])

    def get(self, path: str, **request: Any) -> requests.Response:
        """A page of ours."""
        return self.session.get(f"{self.base_url}{PREFIX}{path}", timeout=60, **request)

    def post(self, path: str, **request: Any) -> requests.Response:
        """A form of ours, sent; a redirect is not followed."""
        return self.session.post(f"{self.base_url}{PREFIX}{path}", timeout=60, allow_redirects=False, **request)

    def token(self, page: str = "/exceptions") -> str:
        """What the forms of a page carry."""
        found = re.search(r'name="token" value="([^"]+)"', self.get(page).text)
        assert found, f"no form on {page}"
        return found[1]

    def airflow(self, method: str, path: str, **request: Any) -> requests.Response:
        """A call of Airflow's own REST API."""
        return self.session.request(method, f"{self.base_url}/api/v2{path}", timeout=30, **request)


@dataclass
class Site:
    """Ann is held; Bob opted out; Cid's address is bad; Dora has Do Not Contact; Eve waits for the next run.

    ``standin`` is Mailchimp's; ``standins`` are those of all providers, by name. ``post`` takes the alerts.
    """

    association: Association
    standins: dict[str, StandIn]
    airflow: AirflowService
    state_dsn: str
    post: Mailbox
    contacts: dict[str, int] = field(default_factory=dict)
    news: int = 0

    @property
    def standin(self) -> StandIn:
        """Where the association is synchronized."""
        return self.standins["mailchimp"]

    def person(self, name: str = "") -> Person:
        """Somebody who logs in."""
        return Person(self.airflow.client.base_url, name)

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Change, or ask, the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            cursor = connection.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def forget(self, provider: str) -> None:
        """All that the ledger has of a provider is gone."""
        for table in ("question", "alert", "holding", "cursor", "remembered", "list_holding", "set_aside"):
            self.ask(f"delete from crm_sync.{table} where provider = %s", provider)
        for table in ("outcome", "planned_operation", "run"):
            self.ask(
                f"delete from crm_sync.{table} where run_id in (select run_id from crm_sync.run where provider = %s)",
                provider,
            )


@contextmanager
def open_site(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    """The association, synchronized once, and Airflow with a person of each role."""
    names = {each: f"page_{each}_{os.getpid()}" for each in ("crm", "state", "airflow")}
    crm_dsn = postgres.create_database(names["crm"], template=crm_template)
    state_dsn, metadata_dsn = (postgres.create_database(names[each]) for each in ("state", "airflow"))
    with tempfile.TemporaryDirectory(prefix="crm-sync-page-") as home, ExitStack() as running:
        post = running.enter_context(Mailbox())
        standins = {name: running.enter_context(StandIn(name)) for name in provider_names()}
        association = Association(crm_dsn)
        contacts, news = _synchronized(association, crm_dsn, state_dsn, standins["mailchimp"])
        made = connections(crm_dsn, state_dsn, standins["mailchimp"].url) | accounts(standins)
        alerts = {"AIRFLOW_CONN_SMTP_DEFAULT": post.connection(), "CRM_SYNC_ALERT_EMAILS": DATA_TEAM}
        environment = _environment(Path(home), metadata_dsn, as_environment(made) | alerts | by_the_clock())
        with AirflowService(Path(home), environment) as airflow:
            site = Site(association, standins, airflow, state_dsn, post, contacts, news)
            _await_dag(site)
            yield site
    for each in names.values():
        postgres.drop_database(each)


def accounts(standins: dict[str, StandIn]) -> dict[str, dict[str, Any]]:
    """Airflow connections to the stand-ins, in their JSON form; nobody has allowed anything yet."""
    made = {}
    for name, standin in standins.items():
        told = facts(name)
        extra = {**told.EXTRAS, "base_url": standin.url + told.API_PATH, **told.addresses_at(standin.url)}
        made[f"{name}_default"] = {
            "conn_type": name,
            "login": told.LOGIN,
            "password": told.KEY,
            "port": 443,
            "extra": extra,
        }
    return made


def _synchronized(
    association: Association, crm_dsn: str, state_dsn: str, standin: StandIn
) -> tuple[dict[str, int], int]:
    news = association.list("News")
    quiet = association.list("Board", is_synchronized=False, kind="committee")
    contacts = {
        "Ann": association.contact("Ann", news, quiet),
        "Bob": association.contact("Bob", news),
        "Cid": association.contact("Cid", news, address="cid at example.org"),
        "Dora": association.contact("Dora", news, do_not_contact=True),
    }
    world = World(crm_dsn, state_dsn, standin.url)
    world.run("full")
    standin.act("unsubscribe", address="bob@example.org")
    world.run("full")
    contacts["Eve"] = association.contact("Eve", news)
    world.run("changes", dry_run=True, airflow_run_id=PREVIEW)
    world.close()
    return contacts, news


def _environment(home: Path, metadata_dsn: str, more: dict[str, str]) -> dict[str, str]:
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({name: name + PASSWORD_END for name in ROLES}))
    logins = {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in ROLES.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "CRM_SYNC_BACKOFF_SECONDS": "0.01",
        "CRM_SYNC_BRAKE_FLOOR": "1",
    }
    return airflow_environment(home, metadata_dsn, free_port(), more={**more, **logins})


def _await_dag(site: Site) -> None:
    """Airflow has read the DAG; it is paused, so that nothing runs unasked."""
    admin = site.person("admin")
    assert await_until(lambda: admin.airflow("GET", f"/dags/{DAG_ID}").ok, DAG_SECONDS)


@contextmanager
def unpaused(site: Site) -> Iterator[Person]:
    """The administrator, while the DAG runs when asked."""
    admin = site.person("admin")
    assert admin.airflow("PATCH", f"/dags/{DAG_ID}", json={"is_paused": False}).ok
    try:
        yield admin
    finally:
        assert admin.airflow("PATCH", f"/dags/{DAG_ID}", json={"is_paused": True}).ok


@dataclass
class Window:
    """A browser's window, with all that it complained of and all hosts that it asked."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listen from the start."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self.hosts.update(filter(None, [urlsplit(asked.url).hostname])))

    def _console(self, said: Any) -> None:
        if said.type == "error":
            self.complaints.append(said.text)

    def log_in(self, base_url: str, name: str) -> None:
        """By the form of Airflow."""
        self.page.goto(base_url)
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", name + PASSWORD_END)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("link", name="CRM Sync").wait_for()
        self.complaints.clear()  # Airflow's own page asks before it knows that nobody is logged in

    @property
    def inside(self) -> Any:
        """Our page, in the frame in which Airflow shows it."""
        return self.page.frame_locator("iframe")

    def picture(self, name: str) -> None:
        """Keep what is seen, where PICTURES_FOLDER names a folder for it."""
        if folder := os.environ.get("PICTURES_FOLDER"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@contextmanager
def browser_window() -> Iterator[Window]:
    """A window of Debian's Chromium, without a screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Root has no sandbox to offer; the pages are our own.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(viewport={"width": 1100, "height": 800}, color_scheme="light").new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        yield Window(page)
        browser.close()
