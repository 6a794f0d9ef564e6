"""A Tendenci without PostGIS, mail, files or a cache that others share: what its own project template would hold."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

from tendenci.settings import *  # noqa: F403
from tendenci.settings import BUILTIN_THEMES_DIR
from tendenci.settings import INSTALLED_APPS as _APPS

# What the template would have made by hand.
PROJECT_ROOT = Path(os.environ["TENDENCI_PROJECT_ROOT"])
for _each in ("media", "static", "themes", "addons", "whoosh_index"):
    (PROJECT_ROOT / _each).mkdir(parents=True, exist_ok=True)
_THEME = PROJECT_ROOT / "themes" / "t7-base"
if not _THEME.exists():
    _THEME.symlink_to(Path(BUILTIN_THEMES_DIR) / "t7-base")

SECRET_KEY = SITE_SETTINGS_KEY = "of-the-tests-and-of-nobody-else"
ALLOWED_HOSTS = ["*"]
DEBUG = False
# social_services alone needs the geography of PostGIS; it has no pages either.
sys.modules["tendenci.apps.social_services.urls"] = ModuleType("urls")
sys.modules["tendenci.apps.social_services.urls"].urlpatterns = []
INSTALLED_APPS = [each for each in _APPS if each not in {"django.contrib.gis", "tendenci.apps.social_services"}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["PGHOST"],
        "PORT": os.environ["PGPORT"],
        "USER": os.environ["PGUSER"],
        "NAME": os.environ["PGDATABASE"],
    }
}


class _NoMigrations(dict[str, None]):
    """Every app is made as its models are now; its migrations do not run on an empty database."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": False}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
HAYSTACK_SIGNAL_PROCESSOR = "haystack.signals.BaseSignalProcessor"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
