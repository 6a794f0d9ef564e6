"""Connecting an account in a browser: who is asked, and the token that comes of it."""
