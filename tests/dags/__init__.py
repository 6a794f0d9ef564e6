"""What must be true of every DAG file and every DAG, found by discovery."""
