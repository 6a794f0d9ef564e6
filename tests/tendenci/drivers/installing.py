"""Tendenci's own database: made, moved to, and altered by one of its migrations."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test.utils import override_settings

# It widens profiles_profile.country, which a view of ours reads.
MIGRATION = ("profiles", "0003_auto_20160308_1106")


def use(database: str) -> None:
    """Work on that database from now on."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database
    cache.clear()


def leave() -> None:
    """Hold no connection, so that the database can be copied."""
    connection.close()


def install() -> None:
    """What its manual has for a new site, without PostGIS."""
    call_command("migrate", run_syncdb=True, skip_checks=True, verbosity=0)
    call_command("populate_default_entity")
    with connection.cursor() as cursor:
        cursor.execute("select setval('entities_entity_id_seq', (select max(id) from entities_entity))")
    call_command("update_settings", verbosity=0)
    for fixture in ("initial_data", "tendenci_default_paymentmethod"):
        call_command("loaddata", fixture, verbosity=0)


def migrate() -> None:
    """Undo a migration that alters a column, and do it again."""
    app, name = MIGRATION
    with override_settings(MIGRATION_MODULES={}):
        loader = MigrationLoader(None)
        migration = loader.get_migration(app, name)
        before = loader.project_state(migration.dependencies)
        for step in (migration.unapply, migration.apply):
            with connection.schema_editor() as editor:
                step(before.clone(), editor)


def country_length() -> int:
    """How wide that column is now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select character_maximum_length from information_schema.columns"
            " where table_name = 'profiles_profile' and column_name = 'country'"
        )
        return cursor.fetchone()[0]
