"""A made-up provider, Acme Mail, that `make provider NAME=...` copies under another name."""
