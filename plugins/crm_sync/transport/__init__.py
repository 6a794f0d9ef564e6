"""HTTP calls: retries, budgets, the network route, and what a response means."""
