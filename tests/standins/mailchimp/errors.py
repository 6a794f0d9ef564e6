"""Mailchimp's own wording of its refusals, in English and in German, so that a client matching sentences breaks.

Source of titles and English texts: captured answers and public clients' classifiers; behaviours.py names them.
"""

from __future__ import annotations

from typing import Any

TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"
INVALID, COMPLIANCE, EXISTS = "Invalid Resource", "Member In Compliance State", "Member Exists"
FORGOTTEN = "Forgotten Email Not Subscribed"
# Problems that come without `type`.
UNTYPED = frozenset({COMPLIANCE, FORGOTTEN})

TEXTS: dict[str, tuple[str, str]] = {
    "key_missing": (
        "Your request did not include an API key.",
        "Deine Anfrage enthielt keinen API-Schlüssel.",
    ),
    "key_invalid": (
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
        "Dein API-Schlüssel ist ungültig, oder du sprichst das falsche Rechenzentrum an.",
    ),
    "disabled": ("This user account has been deactivated.", "Dieses Benutzerkonto wurde deaktiviert."),
    "forbidden": (
        "You are not permitted to access this resource.",
        "Du darfst auf diese Ressource nicht zugreifen.",
    ),
    "not_found": ("The requested resource could not be found.", "Die Ressource wurde nicht gefunden."),
    "bad_method": (
        "The requested method and resource are not compatible. See the Allow header for this resource's methods.",
        "Methode und Ressource passen nicht zusammen.",
    ),
    "not_imitated": (
        "This call is not implemented by the stand-in.",
        "Dieser Aufruf ist in der Nachbildung nicht vorhanden.",
    ),
    "too_many": (
        "You have exceeded the limit of {0} simultaneous connections.",
        "Du hast die Grenze von {0} gleichzeitigen Verbindungen überschritten.",
    ),
    "bad_json": (
        "We encountered an unspecified JSON parsing error.",
        "Beim Lesen des JSON ist ein Fehler aufgetreten.",
    ),
    "scripted": ("An unexpected internal error has occurred.", "Ein unerwarteter Fehler ist aufgetreten."),
    "invalid": (
        "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
        "Die Ressource konnte nicht geprüft werden. Einzelheiten stehen unter 'errors'.",
    ),
    "schema": ("Schema does not match: {0}", "Entspricht nicht dem Schema: {0}"),
    "unknown_parameter": ("Unknown query parameter.", "Unbekannter Parameter."),
    "bad_parameter": ("Value is not allowed here: {0}", "Wert ist hier nicht erlaubt: {0}"),
    "compliance": (
        "{0} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.",
        "{0} hat sich abgemeldet, ist unzustellbar oder wird geprüft und kann nicht angemeldet werden.",
    ),
    "forgotten": (
        "{0} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list.",
        "{0} wurde endgültig gelöscht und kann nicht wieder importiert werden.",
    ),
    "fake": (
        "{0} looks fake or invalid, please enter a real email address.",
        "{0} sieht unecht oder ungültig aus, bitte gib eine echte E-Mail-Adresse ein.",
    ),
    "capped": (
        "{0} has signed up to a lot of lists very recently; we're not allowing more signups for now.",
        "{0} hat sich in letzter Zeit bei vielen Listen angemeldet; im Moment geht das nicht.",
    ),
    "bad_address": ("Please provide a valid email address.", "Bitte gib eine gültige E-Mail-Adresse ein."),
    "exists": (
        "{0} is already a list member. Use PUT to insert or update list members.",
        "{0} ist bereits in der Liste. Nutze PUT zum Einfügen oder Ändern.",
    ),
    "batch_exists": (
        "{0} is already a list member. Set update_existing to change it.",
        "{0} ist bereits in der Liste. Setze update_existing zum Ändern.",
    ),
    "taken": (
        '"{0}" is already in this list with a status of "{1}".',
        '"{0}" ist bereits mit dem Status "{1}" in dieser Liste.',
    ),
    "wrong_hash": (
        "The address does not belong to the member of this path.",
        "Die Adresse gehört nicht zum Mitglied dieses Pfades.",
    ),
    "duplicate": ("An address appears more than once.", "Eine Adresse kommt mehrfach vor."),
    "no_status": ("A status is required here.", "Ein Status ist hier nötig."),
    "merge": ("Your merge fields were invalid.", "Deine Merge-Felder waren ungültig."),
    "enter_value": ("Please enter a value", "Bitte gib einen Wert ein."),
    "enter_number": ("Please enter a number", "Bitte gib eine Zahl ein."),
    "enter_text": ("Please enter a text", "Bitte gib einen Text ein."),
    "enter_address": ("Please enter a complete address", "Bitte gib eine vollständige Anschrift ein."),
    "enter_date": ("Please enter a valid date", "Bitte gib ein gültiges Datum ein."),
    "enter_url": ("Please enter a valid URL", "Bitte gib eine gültige URL ein."),
    "enter_choice": ("Value must be one of: {0}", "Der Wert muss einer von diesen sein: {0}"),
    "too_long": ("Please enter at most {0} bytes", "Bitte gib höchstens {0} Bytes ein."),
    "too_many_items": ("At most {0} entries are allowed, {1} were sent.", "Höchstens {0} Einträge, gesendet: {1}."),
    "name_taken": ("Sorry, that tag already exists.", "Dieses Tag gibt es schon."),
    "name_length": ("A name of 1 to {0} characters is required.", "Ein Name von 1 bis {0} Zeichen ist nötig."),
    "not_addable": (
        "Email addresses could not be added: not on the list.",
        "Adressen konnten nicht hinzugefügt werden: nicht in der Liste.",
    ),
    "not_removable": (
        "Email addresses could not be removed: not in the segment.",
        "Adressen konnten nicht entfernt werden: nicht im Segment.",
    ),
    "only_static": ("The stand-in keeps static segments only.", "Die Nachbildung kennt nur statische Segmente."),
}


def text(key: str, language: str, *details: object) -> str:
    """The sentence in `en` or `de`."""
    return TEXTS[key][language == "de"].format(*details)


class Refusal(Exception):  # noqa: N818 - an answer, as Mailchimp gives it, not a mistake of ours
    """One refusal: HTTP status, title, the key of its sentence and the field errors as (field, key, *details)."""

    def __init__(
        self,
        status: int,
        title: str,
        key: str,
        *details: object,
        fields: tuple[tuple[object, ...], ...] = (),
        allow: str = "",
    ) -> None:
        super().__init__(key)
        self.status, self.title, self.key, self.details, self.fields = status, title, key, details, fields
        self.allow = allow

    def problem(self, instance: str, language: str, *, is_dotted: bool = False) -> dict[str, Any]:
        """The problem document (RFC 7807) as Mailchimp sends it."""
        problem: dict[str, Any] = {
            **({} if self.title in UNTYPED else {"type": TYPE}),
            "title": self.title,
            "status": self.status,
            "detail": text(self.key, language, *self.details),
            "instance": instance,
        }
        if self.fields:
            problem["errors"] = self.field_errors(language, is_dotted=is_dotted)
        return problem

    def field_errors(self, language: str, *, is_dotted: bool) -> list[dict[str, str]]:
        """`[{field, message}]`; merge fields and the address go by one of two names."""
        return [
            {"field": self._named(str(name), is_dotted), "message": text(str(key), language, *rest)}
            for name, key, *rest in self.fields
        ]

    def _named(self, field: str, is_dotted: bool) -> str:
        if not is_dotted:
            return field
        return f"merge_fields.{field}" if self.key == "merge" else field.replace(" ", "_")


def invalid(field: str, key: str, *details: object) -> Refusal:
    """400 Invalid Resource with one field error."""
    return Refusal(400, INVALID, "invalid", fields=((field, key, *details),))


def not_found() -> Refusal:
    """404 Resource Not Found."""
    return Refusal(404, "Resource Not Found", "not_found")


def compliance(address: str) -> Refusal:
    """400 Member In Compliance State."""
    return Refusal(400, COMPLIANCE, "compliance", address)
