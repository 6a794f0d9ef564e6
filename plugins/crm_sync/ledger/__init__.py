"""What the pipeline keeps in its own database, and how it reads and writes both databases."""
