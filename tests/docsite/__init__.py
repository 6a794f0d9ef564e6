"""The documentation site: the repository's own pages, so placed that each link leads somewhere (make docs)."""
