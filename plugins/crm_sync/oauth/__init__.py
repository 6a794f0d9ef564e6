"""Connecting an account in a browser: the authorization, and the token that it yields."""
