"""The server that tests start does not meet another one of the same machine."""

from __future__ import annotations

from local.mariadb import MariaDb


def test_a_server_that_starts_takes_no_temporary_files_of_another(mariadb: MariaDb) -> None:
    def places(server: MariaDb) -> set[str]:
        server.create_database("places")
        found = server.do("places", "show variables where variable_name in ('tmpdir', 'slave_load_tmpdir')")
        return {place for _, place in found}

    with MariaDb() as other:
        assert not places(mariadb) & places(other)
