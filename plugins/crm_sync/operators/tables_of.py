"""A program of its own, which names the tables that statements read: JSON in, JSON out; the dialect as an argument.

The parser of OpenLineage raises where it does not know a table function, and ends the process where a condition of some
thousand parts is too deep for its stack (seen, openlineage-sql 1.54): no task may end with it.
"""

import json
import sys

from openlineage_sql import parse  # type: ignore[import-untyped]

parsed = parse(json.load(sys.stdin), dialect=sys.argv[1])
# What it cannot read, it leaves out and says so: half of the tables would be wrong ones.
if parsed is None or parsed.errors:
    sys.exit(1)
json.dump(sorted({table.qualified_name for table in parsed.in_tables}), sys.stdout)
