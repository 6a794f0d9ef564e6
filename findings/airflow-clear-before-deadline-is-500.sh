#!/usr/bin/env bash
# Airflow's deadline alerts, crossed with its own "Clear".
#
# Guess:     a failed run of a DAG with a DeadlineAlert is cleared like any other, and its deadline starts anew.
# Behaviour: until the deadline has passed, clearing answers 500, by button and by REST API, for the run and for its
#            tasks: the interval is read back from the database as a dict and not as seconds. So a nightly load that
#            must be done in three hours, and fails after ten minutes, cannot be run again while there is still time.
# Way out:   watch for lateness outside the DAG, or trigger a new run.
# Takes a minute or two: it installs Airflow, and makes an SQLite database for it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check apache-airflow==3.3.2 apache-airflow-task-sdk==1.3.2 \
  fastapi==0.136.3 starlette==1.10.0 cadwyn==7.0.0 sqlalchemy==2.0.58 httpx==0.28.1
cd "$work"
export AIRFLOW_HOME="$work/home" AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$work/airflow.db"
export AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True
export AIRFLOW__LOGGING__LOGGING_LEVEL=CRITICAL
mkdir dags
cat >dags/nightly.py <<'PY'
from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AsyncCallback, DeadlineAlert, DeadlineReference

deadline = DeadlineAlert(
    reference=DeadlineReference.DAGRUN_QUEUED_AT,
    interval=timedelta(hours=3),
    callback=AsyncCallback("airflow.providers.smtp.notifications.smtp.SmtpNotifier", kwargs={"to": "ops@example.org"}),
)
for name, alerts in (("with_deadline", deadline), ("without_deadline", None)):
    with DAG(name, schedule=None, deadline=alerts):
        EmptyOperator(task_id="load")
PY
venv/bin/airflow db migrate >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
venv/bin/python - 2>"$work/log" <<'PY' || { cat "$work/log" >&2; exit 1; }
from importlib.metadata import version

from airflow.api_fastapi.app import create_app
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.dagbundle import DagBundleModel
from airflow.utils.session import create_session
from fastapi.testclient import TestClient

with create_session() as session:
    session.add(DagBundleModel(name="here"))
bag = DagBag("dags", bundle_name="here")
assert not bag.import_errors, bag.import_errors
sync_bag_to_db(bag, "here", None)

api = TestClient(create_app(apps="core"), raise_server_exceptions=False)
api.headers["Authorization"] = "Bearer " + api.get("/auth/token").json()["access_token"]


def cleared(dag):
    """What clearing a run answers, right after it failed."""
    runs = f"/api/v2/dags/{dag}/dagRuns"
    started = api.post(runs, json={"logical_date": None})
    assert started.status_code == 200, started.text
    run = f"{runs}/{started.json()['dag_run_id']}"
    failed = api.patch(run, json={"state": "failed"})
    assert failed.json()["state"] == "failed", failed.text
    return api.post(f"{run}/clear", json={"dry_run": False}).status_code


seen = {dag: cleared(dag) for dag in ("without_deadline", "with_deadline")}
print("apache-airflow", version("apache-airflow"))
print("guess: 200 for both")
for dag, status in seen.items():
    print(f"seen:  clearing a failed run of {dag}: {status}")
assert seen["without_deadline"] == 200, "clearing as such changed"
assert seen["with_deadline"] == 500, "the behaviour changed"
PY
