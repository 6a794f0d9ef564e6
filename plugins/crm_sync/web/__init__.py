"""The sync page: how each provider stands, why somebody is in a list or not, and what a run did or would do. Inside
Airflow's UI, by Airflow's logins and permissions."""

PREFIX = "/crm_sync"
# What Airflow's navigation calls the page: it is shown at /plugin/ and this.
ROUTE = "crm-sync"
