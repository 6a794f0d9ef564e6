"""The Airflow DAGs of CRM Sync: crm_to_<provider>, crm_sync_approval and crm_sync_watch. plugins/crm_sync/dags.py shows
their shape."""

from crm_sync.dags import create_dags

globals().update(create_dags())
