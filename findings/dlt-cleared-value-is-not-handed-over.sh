#!/usr/bin/env bash
# dlt with a custom destination (its way to send rows to a provider: reverse ETL), and a value that was cleared.
#
# Guess:     a row {"id": 1, "phone": None} comes to the destination as it is; or null is told by the known column.
# Behaviour: keys whose value is None are left out, although the schema knows the column. Sent on to an API that leaves
#            untouched what is not named (PATCH, as Mailchimp and others have it), a number that a member had removed
#            from the CRM stays with the provider for ever, and every load ends well. With loader_file_format="parquet"
#            the same row has its None.
# Way out:   loader_file_format="parquet", or fill in the columns of the table's schema before sending.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dlt==1.31.0 pyarrow==26.0.1
cd "$work"
export RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$work/data"
venv/bin/python - <<'PY'
from importlib.metadata import version

import dlt

COLUMNS = {"id": {"data_type": "bigint"}, "phone": {"data_type": "text"}}


def handed_over(name, **options):
    """What the destination is given for a person with a number, and then for the same person without."""
    given = []

    @dlt.destination(name=name, batch_size=10, **options)
    def provider(items, table):
        rows = items if isinstance(items, list) else items.to_pylist()
        given.extend({key: row[key] for key in row if not key.startswith("_dlt")} for row in rows)

    pipeline = dlt.pipeline(f"members_{name}", destination=provider)
    for phone in ("030 23125001", None):
        rows = [{"id": 1, "phone": phone}]
        pipeline.run(rows, table_name="people", columns=COLUMNS)
    return given


print("dlt", version("dlt"))
print("guess: the second row is {'id': 1, 'phone': None}")
lines, parquet = handed_over("lines"), handed_over("parquet", loader_file_format="parquet")
print("seen:  by default", lines)
print("seen:  parquet   ", parquet)
assert lines == [{"id": 1, "phone": "030 23125001"}, {"id": 1}], "the behaviour changed"
assert parquet == [{"id": 1, "phone": "030 23125001"}, {"id": 1, "phone": None}], "the way out changed"
PY
