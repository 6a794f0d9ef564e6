#!/usr/bin/env bash
# dlt with a custom destination (its way to send rows to a provider: reverse ETL), and a field of text that once held
# a number.
#
# Guess:     "01234" is handed over as "01234": the destination gets the rows that the source gave, or an error.
# Behaviour: the first value that a field ever had decides its type, for this load and all later ones. Was it 90210, then
#            the text "01234" is made the number 1234, and "K1A 0B1" is handed over under another key, zip▶v_text, so
#            that row["zip"] is missing. The other way round, the number 1234 becomes "1234". Nothing is raised.
# Way out:   give the columns' types (columns={"zip": {"data_type": "text"}}) before the first load.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dlt==1.31.0
cd "$work"
export RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$work/data"
venv/bin/python - <<'PY'
from importlib.metadata import version

import dlt


def handed_over(name, **hints):
    """What the destination is given, in three loads of one pipeline."""
    given = []

    @dlt.destination(name=name, batch_size=10)
    def provider(items, table):
        given.extend({key: row[key] for key in row if not key.startswith("_dlt")} for row in items)

    pipeline = dlt.pipeline(f"members_{name}", destination=provider)
    for value in (90210, "01234", "K1A 0B1"):
        pipeline.run([{"zip": value}], table_name="people", **hints)
    return given


print("dlt", version("dlt"))
print("guess: [{'zip': 90210}, {'zip': '01234'}, {'zip': 'K1A 0B1'}]")
guessed, told = handed_over("guessed"), handed_over("told", columns={"zip": {"data_type": "text"}})
print("seen: ", guessed)
print("seen:  with the column's type given", told)
assert guessed == [{"zip": 90210}, {"zip": 1234}, {"zip▶v_text": "K1A 0B1"}], "the behaviour changed"
assert told == [{"zip": "90210"}, {"zip": "01234"}, {"zip": "K1A 0B1"}], "the way out changed"
PY
