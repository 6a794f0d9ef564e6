"""The product as a data team runs it: real Airflow, real PostgreSQL, real sockets; only the provider is a stand-in."""
