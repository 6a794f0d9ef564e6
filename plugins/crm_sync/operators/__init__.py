"""The pipeline's stages as Airflow tasks, and what a person sees of them in Airflow."""
