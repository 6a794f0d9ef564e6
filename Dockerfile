# The image of docker-compose.yml: exactly the packages that the tests ran with, and the project installed beside them.
FROM python:3.12.12-slim-bookworm AS airflow
ENV AIRFLOW_HOME=/opt/airflow PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /opt/crm-sync
COPY requirements.txt ./
RUN pip install --compile --requirement requirements.txt
COPY pyproject.toml LICENSE ./
COPY plugins plugins
COPY sql sql
COPY dags dags
RUN pip install --no-deps --editable . \
    && useradd --uid 50000 --gid 0 --home-dir $AIRFLOW_HOME --create-home airflow \
    && chmod -R g=u $AIRFLOW_HOME
USER airflow

# With the stand-ins and the demo association, for the profile "standins".
FROM airflow AS standins
COPY tests/standins tests/standins
COPY tests/local tests/local
ENV PYTHONPATH=/opt/crm-sync/tests
