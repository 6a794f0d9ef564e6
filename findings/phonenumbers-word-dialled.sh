#!/usr/bin/env bash
# phonenumbers, and a word that somebody wrote behind a number.
#
# Guess:     "030 23125001 Mary" is refused, or the word is dropped; and is_valid_number() would reject what is left over.
# Behaviour: from three letters on, it is read as a number of letters, as on a telephone's keys: Mary is dialled as
#            6279. Digits of a remark, such as the hours "(9-17)", are dialled too. Where numbers have no fixed length
#            (Germany, for one), the longer number is "valid": an SMS or a call goes to a stranger. In the United
#            States the same note is found invalid, so tests with numbers from there show nothing. A word in front of
#            the number is dropped.
# Way out:   take remarks off before parsing, or refuse a text with letters or brackets behind the number.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43
cd "$work"
venv/bin/python - <<'PY'
from importlib.metadata import version

from phonenumbers import PhoneNumberFormat, format_number, is_valid_number, parse

EXPECTED = [
    ("030 23125001", "DE", "+493023125001", True),
    ("030 23125001 Mary", "DE", "+4930231250016279", True),
    ("030 23125001 (9-17)", "DE", "+493023125001917", True),
    ("Mary 030 23125001", "DE", "+493023125001", True),
    ("202-555-0143 Mary", "US", "+120255501436279", False),
]
print("phonenumbers", version("phonenumbers"))
print("guess: the number without the word, or an error; never a valid number that nobody wrote")
for text, country, number, valid in EXPECTED:
    parsed = parse(text, country)
    seen = format_number(parsed, PhoneNumberFormat.E164), is_valid_number(parsed)
    print(f"seen:  {text!r} ({country}) -> {seen[0]}, valid: {seen[1]}")
    assert seen == (number, valid), f"the behaviour changed: {text!r}"
PY
