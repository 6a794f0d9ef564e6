"""The pipeline's own database, and how both databases are read and written."""
