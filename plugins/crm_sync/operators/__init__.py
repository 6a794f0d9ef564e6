"""A stage of the pipeline as an Airflow task, and what a person sees of it in Airflow."""
