"""The vendors' and others' own client libraries drive the stand-ins: `make test-clients`."""
