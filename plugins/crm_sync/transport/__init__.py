"""Calls over HTTP: retries, budgets, the network between, and what an answer says."""
