#!/usr/bin/env bash
# civicrm-py (a client for CiviCRM's API 4 with queries like Django's), and a lookup that it does not know.
#
# Guess:     filter(do_not_email__ne=True) raises, as Django does for a lookup that does not exist.
# Behaviour: what follows the two underscores is dropped and the field is compared by "=". The filter that should leave
#            out whoever must not be written to asks for exactly them. Its own word for it is do_not_email__not.
#            Likewise __iexact, __range and __gte misspelled: no error, other people.
# Way out:   only the lookups that its documentation lists; look at the call in a test.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check civicrm-py==0.1.4
cd "$work"
venv/bin/python - <<'PY'
import asyncio
from importlib.metadata import version

from civicrm_py.core.serialization import APIResponse
from civicrm_py.query.queryset import QuerySet


class Kept:
    """Stands where the client does, and keeps the conditions."""

    def __init__(self):
        self.where = []

    async def request(self, _entity, _action, params):
        self.where.append(params.where)
        return APIResponse(values=[])


async def ask(kept):
    contacts = QuerySet(kept, "Contact")
    await contacts.filter(do_not_email__not=True).all()
    await contacts.filter(do_not_email__ne=True).all()
    await contacts.filter(modified_date__after="2026-01-01").all()


kept = Kept()
asyncio.run(ask(kept))
known, unknown, after = kept.where
print("civicrm-py", version("civicrm-py"))
print("guess: an error for __ne and __after")
print("seen:  do_not_email__not=True ->", known)
print("seen:  do_not_email__ne=True ->", unknown)
print("seen:  modified_date__after='2026-01-01' ->", after)
assert known == [["do_not_email", "!=", True]], "its own lookup changed"
assert unknown == [["do_not_email", "=", True]], "the behaviour changed"
assert after == [["modified_date", "=", "2026-01-01"]], "the behaviour changed"
PY
