"""The sync page and Airflow's own dialogs, as people of each role meet them in one Airflow."""
