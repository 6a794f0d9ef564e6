"""Postal addresses in the form that services in the United States and Canada expect: two letters for state and country,
five digits of a ZIP code. Anything else stays as it is, for the service to judge: a guess could be a wrong address.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNITED_STATES, CANADA = "US", "CA"

# States, their district and territories, and the provinces of Canada: USPS Publication 28, Canada Post.
_STATES: Mapping[str, str] = {
    name.strip(): letters
    for letters, name in re.findall(
        r"([A-Z]{2}) ([A-Z ]+)",
        "AL ALABAMA, AK ALASKA, AZ ARIZONA, AR ARKANSAS, CA CALIFORNIA, CO COLORADO, CT CONNECTICUT, DE DELAWARE,"
        " DC DISTRICT OF COLUMBIA, FL FLORIDA, GA GEORGIA, HI HAWAII, ID IDAHO, IL ILLINOIS, IN INDIANA, IA IOWA,"
        " KS KANSAS, KY KENTUCKY, LA LOUISIANA, ME MAINE, MD MARYLAND, MA MASSACHUSETTS, MI MICHIGAN, MN MINNESOTA,"
        " MS MISSISSIPPI, MO MISSOURI, MT MONTANA, NE NEBRASKA, NV NEVADA, NH NEW HAMPSHIRE, NJ NEW JERSEY,"
        " NM NEW MEXICO, NY NEW YORK, NC NORTH CAROLINA, ND NORTH DAKOTA, OH OHIO, OK OKLAHOMA, OR OREGON,"
        " PA PENNSYLVANIA, RI RHODE ISLAND, SC SOUTH CAROLINA, SD SOUTH DAKOTA, TN TENNESSEE, TX TEXAS, UT UTAH,"
        " VT VERMONT, VA VIRGINIA, WA WASHINGTON, WV WEST VIRGINIA, WI WISCONSIN, WY WYOMING, AS AMERICAN SAMOA,"
        " GU GUAM, MP NORTHERN MARIANA ISLANDS, PR PUERTO RICO, VI VIRGIN ISLANDS, AB ALBERTA, BC BRITISH COLUMBIA,"
        " MB MANITOBA, NB NEW BRUNSWICK, NL NEWFOUNDLAND AND LABRADOR, NS NOVA SCOTIA, NT NORTHWEST TERRITORIES,"
        " NU NUNAVUT, ON ONTARIO, PE PRINCE EDWARD ISLAND, QC QUEBEC, SK SASKATCHEWAN, YT YUKON",
    )
}
# States whose ZIP codes begin with a zero, which a spreadsheet removes.
_WITH_NOUGHTS = frozenset({"CT", "MA", "ME", "NH", "NJ", "PR", "RI", "VI", "VT"})
_ZIP = re.compile(r"(\d{5})(?:[ -]*\d{4})?[ -]*")
_SHORT_ZIP = re.compile(r"(\d{3,4})(?:-\d{4})?")
_CANADIAN = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")


@cache
def alpha_2(said: str) -> str:
    """A country's two letters by ISO 3166, from its name or its code of two or three letters; "" if unknown."""
    import pycountry  # a tenth of a second

    for written in (said.strip(), said.replace(".", "").strip()):
        try:
            return str(pycountry.countries.lookup(written).alpha_2)
        except LookupError:
            continue
    return ""


@cache
def country(said: str, code: str) -> str:
    """Two letters in upper case. If no country is given, the form of the postal code ``code`` decides."""
    if name := said.replace(".", "").strip().upper():
        return alpha_2(said) or name
    return CANADA if _CANADIAN.fullmatch(code.strip().upper()) else UNITED_STATES


@cache
def state(said: str) -> str:
    """Two letters in upper case for a state of the United States or a province of Canada; others stay as written."""
    name = " ".join(said.replace(".", "").upper().split())
    return _STATES.get(name, name if len(name) == 2 else said)


def postal_code(said: str, country_code: str, state_code: str) -> str:
    """Five digits in the United States, without the other four of a ZIP+4; in upper case elsewhere."""
    code = said.strip().upper()
    if country_code != UNITED_STATES:
        return code
    if found := _ZIP.fullmatch(code):
        return found[1]
    short = _SHORT_ZIP.fullmatch(code) if state_code in _WITH_NOUGHTS else None
    return short[1].zfill(5) if short else code
