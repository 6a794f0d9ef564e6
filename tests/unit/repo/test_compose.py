"""docker-compose.yml is held to the Compose specification and to what its own services need, without an engine."""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.cli import cli_parser

from crm_sync import providers
from local.airflow import airflow_environment
from local.bootstrap import write_secrets
from local.compose import REPOSITORY, read
from standins.discovery import ports, provider_names

TEXT = (REPOSITORY / "docker-compose.yml").read_text()
STANDINS = "standins"
AIRFLOW_SERVICES = {"migrate", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
SECRET = re.compile("PASSWORD|SECRET|KEY|CONN|BROKER_URL|RESULT_BACKEND")
LONGEST_TASK_SECONDS = 6 * 60 * 60


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read(TEXT, {})


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    assert AIRFLOW_SERVICES | {STANDINS, "postgres", "redis", "demo-crm"} == found.keys()
    return found


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("init: true", "inti: true"),
        ("healthcheck: &over-http", "healtcheck: &over-http"),
        ("condition: service_completed_successfully", "condition: service_done"),
        ("interval: 5s", "intervall: 5s"),
        ("restart: on-failure", "restart: sometimes"),
    ],
)
def test_a_misspelt_key_or_value_is_refused(compose: dict[str, Any], right: str, wrong: str) -> None:
    assert compose["services"], "the file itself is accepted"
    assert right in TEXT
    misspelt = next(word for word in re.split("[: ]+", wrong) if word not in right)
    with pytest.raises(ValueError, match=f"services.*{misspelt}"):
        read(TEXT.replace(right, wrong, 1), {})


def test_a_variable_moves_the_port() -> None:
    assert read(TEXT, {"AIRFLOW_PORT": "9090"})["services"]["api-server"]["ports"] == ["127.0.0.1:9090:8080"]


def test_every_published_port_is_bound_to_this_machine(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:\d+(-\d+)?:\d+(-\d+)?", port)] == []


def test_every_airflow_command_exists(services: dict[str, Any]) -> None:
    parser = cli_parser.get_parser()
    commands = {name: services[name]["command"] for name in AIRFLOW_SERVICES}
    checks = [services[name]["healthcheck"]["test"][1:] for name in ("dag-processor", "triggerer")]
    for words in [*commands.values(), *checks]:
        assert words[0] == "airflow"
        assert parser.parse_args(words[1:]).func


def test_what_runs_for_long_has_a_healthcheck(services: dict[str, Any]) -> None:
    lasting = {name for name, service in services.items() if service.get("restart") == "unless-stopped"}
    assert lasting == services.keys() - {"migrate", "demo-crm"}
    assert [name for name in lasting if "healthcheck" not in services[name]] == []


def test_a_service_waits_only_for_services_that_can_tell(services: dict[str, Any]) -> None:
    waits = [
        (name, other, terms["condition"])
        for name, service in services.items()
        for other, terms in service.get("depends_on", {}).items()
    ]
    assert len(waits) >= 6
    for name, other, condition in waits:
        assert other in services, f"{name} waits for {other}, which does not exist"
        told = "healthcheck" in services[other] if condition == "service_healthy" else "command" in services[other]
        assert told, f"{name} waits for {other} to be {condition}"


def test_no_password_is_written_in_the_file_or_in_an_environment(services: dict[str, Any]) -> None:
    environment = {key: value for each in services.values() for key, value in each.get("environment", {}).items()}
    secret = {key for key in environment if SECRET.search(key)}
    assert secret >= {"POSTGRES_PASSWORD_FILE", "AIRFLOW__CORE__FERNET_KEY_CMD", "AIRFLOW__API_AUTH__JWT_SECRET_CMD"}
    assert secret >= {"AIRFLOW__CELERY__BROKER_URL_CMD", "AIRFLOW__CELERY__RESULT_BACKEND_CMD"}
    plain = {key for key in secret if "/run/secrets/" not in environment[key]}
    assert plain == {"AIRFLOW__SECRETS__BACKEND", "AIRFLOW__CORE__TEST_CONNECTION"}
    assert [key for key in environment if key.startswith("AIRFLOW_CONN_")] == []


def test_every_secret_that_is_read_is_mounted_and_written_by_make_secrets(
    compose: dict[str, Any], services: dict[str, Any], tmp_path: Path
) -> None:
    written = {path.name for path in write_secrets(tmp_path / "secrets")}
    assert {Path(each["file"]).name for each in compose["secrets"].values()} == written
    read_names = set()
    for name, service in services.items():
        mounted = {s if isinstance(s, str) else s["target"] for s in service.get("secrets", [])}
        said = json.dumps([service.get(each) for each in ("environment", "command", "healthcheck")])
        read_here = set(re.findall(r"/run/secrets/([\w.]+)", said))
        assert read_here - mounted == set(), f"{name} reads secrets it is not given"
        read_names |= read_here
    assert read_names == {"connections.json", *(written - {"connections.json"})}


def test_secrets_are_written_once_and_only_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert len(write_secrets(folder)) == 10
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert write_secrets(folder) == []
    assert before == {path.name: path.read_text() for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o077 == 0
    assert before["postgres_password"] in before["metadata_url"]
    assert before["result_backend_url"] == f"db+{before['metadata_url']}"
    assert before["redis.conf"] == f"requirepass {before['redis_password']}"
    assert len(before["jwt_secret"]) >= 64


def test_a_secret_that_was_lost_is_written_again_with_the_password_that_was_kept(tmp_path: Path) -> None:
    write_secrets(tmp_path)
    before = (tmp_path / "broker_url").read_text()
    (tmp_path / "broker_url").unlink()
    assert write_secrets(tmp_path) == [tmp_path / "broker_url"]
    assert (tmp_path / "broker_url").read_text() == before
    assert (tmp_path / "redis_password").read_text() in before


def test_a_change_in_the_crm_is_taken_up_as_fast_as_in_the_demo(services: dict[str, Any], tmp_path: Path) -> None:
    idle_seconds = "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME"
    demo = airflow_environment(tmp_path, "postgresql://postgres@127.0.0.1:1/airflow", 1)
    assert services["scheduler"]["environment"][idle_seconds] == demo[idle_seconds]
    assert services["triggerer"]["command"] == ["airflow", "triggerer"]
    assert "profiles" not in services["triggerer"], "it runs unless somebody asks for more"


def test_two_workers_take_as_many_tasks_as_the_scheduler_hands_out(services: dict[str, Any]) -> None:
    worker, environment = services["worker"], services["scheduler"]["environment"]
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert worker["deploy"]["replicas"] == 2
    assert worker.keys().isdisjoint({"ports", "container_name", "hostname"}), "then there could be only one of it"
    slots = worker["deploy"]["replicas"] * int(environment["AIRFLOW__CELERY__WORKER_CONCURRENCY"])
    assert slots == int(environment["AIRFLOW__CORE__PARALLELISM"])
    handed_out_again = environment["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"]
    assert int(handed_out_again) > LONGEST_TASK_SECONDS
    assert "stop_grace_period" in worker


def test_airflow_reads_connections_and_keys_from_the_files(services: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    write_secrets(folder)
    environment = {
        key: value.replace("/run/secrets", str(folder)) for key, value in services["scheduler"]["environment"].items()
    }
    environment |= {"AIRFLOW_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    program = (
        "import json; from airflow.configuration import conf, ensure_secrets_loaded;"
        "found = (each.get_connection('mailchimp_default') for each in ensure_secrets_loaded());"
        "print(json.dumps({'host': next(filter(None, found)).extra_dejson['base_url'],"
        "'fernet': conf.get('core', 'fernet_key'), 'jwt': conf.get('api_auth', 'jwt_secret'),"
        "'api': conf.get('api', 'secret_key'), 'metadata': conf.get('database', 'sql_alchemy_conn'),"
        "'broker': conf.get('celery', 'broker_url'), 'results': conf.get('celery', 'result_backend')}))"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = {"fernet": "fernet_key", "jwt": "jwt_secret", "api": "api_secret_key", "metadata": "metadata_url"}
    names |= {"broker": "broker_url", "results": "result_backend_url"}
    expected = {key: (folder / name).read_text() for key, name in names.items()}
    assert json.loads(done.stdout.splitlines()[-1]) == {"host": "http://standins:8701/3.0", **expected}


@pytest.mark.parametrize("name", provider_names())
def test_a_stand_in_listens_where_other_containers_reach_it(name: str, services: dict[str, Any]) -> None:
    program = services[STANDINS]["command"]
    assert program[0] == "python"
    alone = f"s.main(['--provider', '{name}', '--port', '0'])"
    words = [sys.executable, *(word.replace("s.main([])", alone) for word in program[1:])]
    assert alone in words[-1], "it starts all"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            told = process.stdout.readline() if selector.select(timeout=30) else "nothing within 30 s"
        process.terminate()
    assert re.fullmatch(r"listening on http://0\.0\.0\.0:\d+\n", told)


def test_the_ports_of_all_stand_ins_are_published_and_their_own(services: dict[str, Any]) -> None:
    (published,) = services[STANDINS]["ports"]
    first, last = (int(port) for port in published.rsplit(":", 1)[1].split("-"))
    assert len(set(ports().values())) == len(ports()) > 0
    assert [name for name, port in ports().items() if not first <= port <= last] == []


def test_each_stand_in_is_healthy_where_the_check_asks(services: dict[str, Any]) -> None:
    program = services[STANDINS]["healthcheck"]["test"]
    assert program[:2] == ["CMD", "python"]
    asked: list[str] = []
    said = {"u": SimpleNamespace(urlopen=lambda url, timeout: asked.append(url))}
    exec(program[3].replace("import urllib.request as u; ", ""), said)  # noqa: S102 - our own file
    assert asked == [f"http://127.0.0.1:{port}/_standin/clock" for port in ports().values()]


def test_the_connections_lead_to_every_stand_in(tmp_path: Path) -> None:
    write_secrets(tmp_path)
    connections = json.loads((tmp_path / "connections.json").read_text())
    accounts = {name for name in connections if name.endswith("_default")}
    assert accounts == {providers.get(name).connection_id for name in providers.names()}
    for name, port in ports().items():
        assert connections[f"{name}_default"]["conn_type"] == name
        assert connections[f"{name}_default"]["extra"]["base_url"].startswith(f"http://{STANDINS}:{port}/")


def test_everything_the_image_copies_exists() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert len(copied) >= 8
    assert [path for path in copied if not (REPOSITORY / path).exists()] == []


def test_the_image_runs_a_python_that_the_project_supports() -> None:
    text = (REPOSITORY / "Dockerfile").read_text()
    found = re.findall(r"^FROM python:3\.(\d+)\.\d+-slim-bookworm AS airflow$", text, re.MULTILINE)
    assert [11 <= int(minor) <= 13 for minor in found] == [True]


def test_no_image_is_another_one_tomorrow(services: dict[str, Any]) -> None:
    from_elsewhere = {each["image"] for each in services.values() if "build" not in each}
    assert len(from_elsewhere) == 2
    assert [image for image in from_elsewhere if not re.fullmatch(r"\w+:\d+\.\d+(\.\d+)?", image)] == []


def test_no_service_takes_all_of_the_machine(services: dict[str, Any]) -> None:
    for name, each in services.items():
        assert each["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert each["logging"]["options"].keys() == {"max-size", "max-file"}, name


def test_there_is_a_user_who_may_decide_and_one_who_may_only_look(services: dict[str, Any]) -> None:
    users = services["api-server"]["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
    assert {each.partition(":")[2] for each in users.split(",")} == {"admin", "op", "viewer"}


def test_the_file_is_plain_yaml_besides() -> None:
    assert yaml.safe_load(TEXT)["name"] == "crm-sync"
