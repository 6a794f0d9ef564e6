"""The package as a stranger installs it, in an Airflow of a release that they chose."""
