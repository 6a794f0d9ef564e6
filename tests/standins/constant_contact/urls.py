"""Which calls exist: method, path, handler, query, body and scope, as the vendor's Swagger 3.0.178 has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from standins.constant_contact import account_responses as account
from standins.constant_contact import activity_bodies, bodies, listing, rendering
from standins.constant_contact import activity_responses as activities
from standins.constant_contact import contact_responses as contacts
from standins.constant_contact import list_responses as lists
from standins.constant_contact.asked import Asked
from standins.constant_contact.queries import AnyOf, Kinds, Most

CONTACTS: Kinds = {
    "status": AnyOf(listing.STATUSES),
    "email": "text",
    "lists": "csv",
    "segment_id": "text",
    "tags": "csv",
    "include": AnyOf(rendering.SUBRESOURCES),
    "sms_status": "csv",
    "include_count": "bool",
    "limit": Most(500),
} | {name: "time" for name, _, _ in listing.BOUNDS}
COUNTED: Kinds = {"include_membership_count": ("all", "active")}
LISTS: Kinds = COUNTED | {
    "limit": Most(1000),
    "include_count": "bool",
    "name": "text",
    "status": AnyOf(("all", "active", "deleted")),
    "channel_type": ("email", "sms"),
    "include_sms_membership_count": "bool",
}
EMAILS: Kinds = {
    "confirm_status": ("CONFIRMED", "C", "UNCONFIRMED", "U"),
    "role_code": (*account.ABBREVIATED, *account.ABBREVIATED.values()),
    "email_address": "text",
}
CONTACT, LIST, FIELD = "/contacts/{contact_id}", "/contact_lists/{list_id}", "/contact_custom_fields/{custom_field_id}"
BULK = "/activities/"


class Route:
    """One call of the API. `pattern` is below /v3."""

    def __init__(
        self,
        method: str,
        pattern: str,
        handler: Callable[[Asked], Any],
        query: Kinds | None = None,
        body: type[msgspec.Struct] | None = None,
        scope: str = "contact_data",
    ) -> None:
        self.method, self.pattern, self.handler, self.query, self.body = method, pattern, handler, query or {}, body
        self.scope = scope
        self.regex = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/account/user/privileges", account.get_privileges, scope=""),
    Route(
        "GET",
        "/account/summary",
        account.get_summary,
        {"extra_fields": AnyOf(tuple(account.EXTRA))},
        None,
        "account_read",
    ),
    Route("GET", "/account/emails", account.get_emails, EMAILS, None, "account_read"),
    Route("GET", "/activities", activities.list_activities, {"limit": Most(500), "state": activities.STATES}),
    Route("POST", BULK + "contacts_json_import", activities.post_import, None, activity_bodies.Import),
    Route("POST", BULK + "add_list_memberships", activities.post_additions, None, activity_bodies.Addition),
    Route("POST", BULK + "remove_list_memberships", activities.post_removals, None, activity_bodies.Removal),
    Route("POST", BULK + "contact_delete", activities.post_contact_delete, None, activity_bodies.ContactDeletion),
    Route("POST", BULK + "list_delete", activities.post_list_delete, None, activity_bodies.ListDeletion),
    Route("GET", BULK + "{activity_id}", activities.get_activity),
    Route("GET", "/contacts/counts", contacts.get_counts, {"include": ("new_subscriber",)}),
    Route("POST", "/contacts/sign_up_form", contacts.post_sign_up_form, None, bodies.SignUp),
    Route("PUT", "/contacts/resubscribe/{contact_id}", contacts.put_resubscribe, None, bodies.Resubscription),
    Route("GET", "/contacts", contacts.list_contacts, CONTACTS),
    Route("POST", "/contacts", contacts.post_contact, None, bodies.NewContact),
    Route("GET", CONTACT, contacts.get_contact, {"include": AnyOf(rendering.SUBRESOURCES)}),
    Route("PUT", CONTACT, contacts.put_contact, None, bodies.ChangedContact),
    Route("DELETE", CONTACT, contacts.delete_contact),
    Route("GET", "/contact_lists", lists.list_lists, LISTS),
    Route("POST", "/contact_lists", lists.post_list, None, bodies.ListInput),
    Route("GET", LIST, lists.get_list, COUNTED),
    Route("PUT", LIST, lists.put_list, None, bodies.ListInput),
    Route("DELETE", LIST, lists.delete_list),
    Route("GET", "/contact_custom_fields", lists.list_fields, {"limit": Most(100)}),
    Route("POST", "/contact_custom_fields", lists.post_field, None, bodies.NewField),
    Route("GET", FIELD, lists.get_field),
    Route("PUT", FIELD, lists.put_field, None, bodies.FieldChange),
    Route("DELETE", FIELD, lists.delete_field),
)

# Calls that the vendor has below the same roots, and the stand-in has not.
ELSEWHERE = re.compile(
    r"PUT /account/summary|(GET|POST|PUT) /account/summary/physical_address|POST /account/emails"
    r"|POST /activities/(contact_exports|contacts_file_import|contacts_taggings_(add|remove)|contacts_tags_delete"
    r"|custom_fields_delete)|GET /contact_exports/[^/]+|GET /contacts/(contact_id_xrefs|sms_engagement_history/[^/]+)"
    r"|GET /contact_lists/list_id_xrefs"
    r"|\w+ /(billing|events|social|segments|contact_tags|emails|automations|reports|partner)(/.*)?"
)
