#!/usr/bin/env bash
# Great Expectations 1.24 on frames of pandas 3, and the expectation that a column's values are of one of several types.
#
# Guess:     a column of text is of type "str", alone or in a list of types: ExpectColumnValuesToBeOfType("str") and
#            ExpectColumnValuesToBeInTypeList(["str", ...]) say the same, as they did under pandas 2.
# Behaviour: the first passes. The second fails whatever the list, and reports "str", which stands in the list, as what
#            it observed. Nothing is raised: after the upgrade of pandas, a checkpoint turns good data away. (Under
#            pandas 2 a column of text has the type object, and is judged value by value, another way through the code.)
# Way out:   ExpectColumnValuesToBeOfType for columns of text, or .astype(object) before the validation.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/judge.py" <<'PY'
import json
import os
import warnings
from importlib.metadata import version

os.environ["GX_ANALYTICS_ENABLED"] = "False"
warnings.filterwarnings("ignore")

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

members = pd.DataFrame({"name": ["Ann", "Bob"], "renewals": [1, 2]})
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
source = context.data_sources.add_pandas("crm")


def judged(frame, expectation):
    """Whether it passes, and what it says it saw."""
    asset = source.add_dataframe_asset(str(len(list(source.assets))))
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    result = batch.validate(expectation)
    raised = any(each.get("raised_exception") for each in result.exception_info.values() if isinstance(each, dict))
    return result.success, result.result.get("observed_value"), raised


of_type, in_list = gxe.ExpectColumnValuesToBeOfType, gxe.ExpectColumnValuesToBeInTypeList
print(
    json.dumps(
        {
            "versions": f"great-expectations {version('great-expectations')}, pandas {version('pandas')}",
            "text: of type str": judged(members, of_type(column="name", type_="str")),
            "text: in [str, object]": judged(members, in_list(column="name", type_list=["str", "object"])),
            "text as object: in [str]": judged(members.astype({"name": object}), in_list(column="name", type_list=["str"])),
            "numbers: in [int64, float64]": judged(members, in_list(column="renewals", type_list=["int64", "float64"])),
        }
    )
)
PY
for pandas in 2.3.3 3.1.1; do
    python3 -m venv --clear "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check great-expectations==1.24.1 "pandas==$pandas"
    "$work/venv/bin/python" "$work/judge.py" 2>/dev/null | tail -1 >"$work/$pandas.json"
done
python3 - "$work/2.3.3.json" "$work/3.1.1.json" <<'PY'
import json
import sys

before, after = (json.load(open(name)) for name in sys.argv[1:])
for found in (before, after):
    for what, said in found.items():
        print(f"{what}: {said}")
LIST = "text: in [str, object]"
assert before[LIST][0] is True, "the guess does not even hold under pandas 2"
assert after["text: of type str"][:2] == [True, "str"], "the behaviour has changed"
assert after[LIST] == [False, "str", False], "the behaviour has changed"
assert after["text as object: in [str]"][0] is True and after["numbers: in [int64, float64]"][0] is True
print("seen: a text column is of type str, and in no list of types that has str")
PY
