"""What is imitated, and how sure it is: `documented` by the vendor, `seen` at the real service, or `assumed`."""

from __future__ import annotations

from standins.provider import ASSUMED, DOCUMENTED, SEEN, Behaviour

SPEC = "vendor's Swagger 3.0.178"
GUIDE = "vendor's API guide"
STAFF = "vendor's staff in the developer forum"
CLIENTS = "public clients"
OKTA = "general knowledge of the identity provider behind it"
NOTHING = "no source; the cautious choice"


CONNECTING: tuple[Behaviour, ...] = (
    Behaviour("authorize answers 302 with code and state at once", DOCUMENTED, GUIDE),
    Behaviour("a user who says no: error=access_denied", ASSUMED, OKTA, "consent"),
    Behaviour("unknown client or redirect_uri: a page with 400, no redirect", ASSUMED, OKTA, "redirect_uris"),
    Behaviour("state and a known scope are needed, else an error is sent back", ASSUMED, OKTA),
    Behaviour("a code works once, for five minutes, with its redirect_uri", DOCUMENTED, STAFF),
    Behaviour("token parameters in the query or in the form, client by Basic or in the body", SEEN, CLIENTS),
    Behaviour("access tokens live 24 hours, whatever becomes of the refresh token", DOCUMENTED, STAFF),
    Behaviour("a refresh token only with the scope offline_access", DOCUMENTED, STAFF),
    Behaviour("refresh tokens rotate: each works once, a new one ends the earlier", DOCUMENTED, STAFF, "refresh_mode"),
    Behaviour("an ended refresh token: 400 invalid_grant", SEEN, "phpfui/ConstantContact #19"),
    Behaviour("refresh tokens die after 180 days without use", DOCUMENTED, STAFF),
    Behaviour("a body that is no form: an error object with errorCode", SEEN, CLIENTS),
    Behaviour("a wrong secret or client: 401 invalid_client", ASSUMED, OKTA),
    Behaviour("unknown or repeated parameters of the token call: invalid_request", ASSUMED, "stricter than the vendor"),
    Behaviour("access tokens have about a thousand characters", DOCUMENTED, GUIDE),
    Behaviour("no token, a wrong or an old one: 401, an object", DOCUMENTED, SPEC),
    Behaviour("a scope is missing: 403; its body is an array", ASSUMED, SPEC + " has no body for it"),
    Behaviour("four calls in any second, then 429 throttled, an object", DOCUMENTED, GUIDE, "calls_per_second"),
    Behaviour("10,000 calls from 00:00 UTC, then 429 quota_exceeded", DOCUMENTED, GUIDE, "calls_per_day"),
    Behaviour("refused calls take nothing from the limits; tokens are not counted", ASSUMED, NOTHING),
    Behaviour("1,000 activities queued: 429 for bulk calls", DOCUMENTED, SPEC, "queued_activities"),
    Behaviour("the body of that 429: key too_many_activities", ASSUMED, NOTHING),
    Behaviour("no header about limits, no Retry-After", DOCUMENTED, "by their absence in the guide"),
)

CONTACTS: tuple[Behaviour, ...] = (
    Behaviour("errors are arrays of error_key and error_message", DOCUMENTED, SPEC),
    Behaviour("unknown parameters and properties: 400", ASSUMED, "stricter than the vendor"),
    Behaviour("a body that is not application/json: 415", DOCUMENTED, SPEC + "; assumed for PUT and bulk calls"),
    Behaviour("pages: 50 by default, 500 at most, next by a relative address with a cursor", DOCUMENTED, SPEC),
    Behaviour("a cursor carries filters and count; nothing else is given beside it", ASSUMED, "links seen in clients"),
    Behaviour("but include, which may be repeated", SEEN, "django-ctct"),
    Behaviour("on the last page _links is absent, or null", SEEN, "a client's recording of 2026-04", "last_links"),
    Behaviour("what has no value is left out of answers", SEEN, "a client's recording of 2026-04"),
    Behaviour("contacts, lists, fields are in the order of creation, activities newest first", ASSUMED, NOTHING),
    Behaviour("deleted contacts are hidden unless the status asks for them", DOCUMENTED, SPEC),
    Behaviour("active means a permission explicit or implicit", ASSUMED, SPEC + " has the other words"),
    Behaviour("_after and _before mean strictly so, in seconds", ASSUMED, SPEC, "since_bounds"),
    Behaviour("sub-resources only with include; POST and PUT answer with all", DOCUMENTED, SPEC),
    Behaviour("addresses are one whatever their case", ASSUMED, NOTHING),
    Behaviour("the summary names the account by encoded_account_id", DOCUMENTED, SPEC, "account_id"),
    Behaviour("a fake or malformed address: 400", ASSUMED, NOTHING, "fake_domains"),
    Behaviour("POST of a known address, a deleted one too: 409", SEEN, STAFF, "conflict_wording"),
    Behaviour("POST without permission_to_send is implicit", ASSUMED, NOTHING),
    Behaviour("PUT empties single values, keeps sub-resources not sent, replaces those sent", DOCUMENTED, SPEC),
    Behaviour("PUT without email_address empties it: a contact may be without one", DOCUMENTED, GUIDE + ", 2025-05"),
    Behaviour("what becomes of permission and opt-out then: not_set, and none", ASSUMED, NOTHING),
    Behaviour("PUT without permission_to_send", ASSUMED, NOTHING, "put_without_permission"),
    Behaviour("PUT revives the deleted, with update_source Account only; else 400", DOCUMENTED, SPEC),
    Behaviour("deleted: out of all lists, permission and opt-out kept", DOCUMENTED, GUIDE),
    Behaviour("DELETE of a deleted contact", ASSUMED, NOTHING, "second_delete"),
    Behaviour("a deleted contact with opt_out_source and opt_out_date", ASSUMED, SPEC, "deleted_opt_out_fields"),
    Behaviour("an opt-out by the contact is not undone by the account", DOCUMENTED, SPEC),
    Behaviour("a PUT of the account that tries", ASSUMED, NOTHING, "opted_out_put"),
    Behaviour("an opt-out by the account can be undone by it", DOCUMENTED, SPEC),
    Behaviour("an opt-out by the contact never becomes one by the account", ASSUMED, NOTHING),
    Behaviour("who opts out may stay in lists", SEEN, CLIENTS, "lists_of_unsubscribed"),
    Behaviour("PUT or POST of lists for somebody opted out", ASSUMED, NOTHING, "put_lists_of_unsubscribed"),
    Behaviour("the sign-up form makes explicit and appends lists and fields: 201 or 200", DOCUMENTED, SPEC),
    Behaviour("the sign-up form for somebody opted out", ASSUMED, SPEC, "sign_up_of_opted_out"),
    Behaviour("with Confirmed Opt-In new ones wait: pending_confirmation", DOCUMENTED, SPEC, "confirmed_opt_in"),
    Behaviour("resubscribe asks once; the contact itself comes back", DOCUMENTED, SPEC),
    Behaviour("resubscribe twice: 409; of somebody not opted out: 400", ASSUMED, SPEC + " has both statuses"),
    Behaviour("addresses have 80 characters, in the sign-up form and in imports 50", DOCUMENTED, SPEC),
    Behaviour("every write moves updated_at, memberships included", ASSUMED, NOTHING),
)

LISTS: tuple[Behaviour, ...] = (
    Behaviour("list names are unique: 409; whatever their case is assumed", DOCUMENTED, SPEC),
    Behaviour("PUT of a list to a name in use", ASSUMED, SPEC + " has no 409 there", "put_list_taken_name"),
    Behaviour("a list that does not exist in a body: 400", ASSUMED, NOTHING),
    Behaviour("the 1,001st list: 400", ASSUMED, GUIDE + " has the number only"),
    Behaviour("pages of lists", ASSUMED, SPEC + " says 500 and 1000", "lists_limit"),
    Behaviour("DELETE of a list: 202, later; the contacts stay", DOCUMENTED, SPEC),
    Behaviour("a deleted list by its id", ASSUMED, NOTHING, "deleted_list"),
    Behaviour("the name of a deleted list", ASSUMED, NOTHING, "deleted_list_name"),
    Behaviour("custom fields: 100, name of the label with underscores, 409", DOCUMENTED, SPEC),
    Behaviour("a contact has the custom fields that it is asked for, in include", DOCUMENTED, SPEC),
    Behaviour("custom fields in a PUT replace those there; without them those stay", DOCUMENTED, GUIDE),
    Behaviour("a custom field of the type date takes the vendor's forms of dates alone", ASSUMED, SPEC + " has others"),
    Behaviour("the name of a custom field stays when its label changes", ASSUMED, NOTHING),
)

ACTIVITIES: tuple[Behaviour, ...] = (
    Behaviour("bulk calls answer 201 initialized; the effect comes at the end", DOCUMENTED, SPEC),
    Behaviour("each look brings an activity one step further, in any order", ASSUMED, NOTHING, "polls_to_complete"),
    Behaviour("activities are forgotten after ten days: 404", DOCUMENTED, SPEC),
    Behaviour("too many ids, no or two sources: 400", DOCUMENTED, SPEC),
    Behaviour("contact ids that nobody has are passed over", ASSUMED, NOTHING),
    Behaviour("whoever opted out or has 50 lists is passed over by add_list_memberships", ASSUMED, NOTHING),
    Behaviour(
        "an import over 4 MB is cut without a word; counted as 4,000,000 bytes", DOCUMENTED, SPEC, "import_bytes"
    ),
    Behaviour("an import of no row or of more than 40,000: 400", ASSUMED, GUIDE + " has the number only"),
    Behaviour("new by import: implicit, opted in by Account; known: only what is sent changes", DOCUMENTED, SPEC),
    Behaviour(
        "more than 5 attempts to subscribe an address in 24 hours flag it for 48: an import sets it aside",
        DOCUMENTED,
        STAFF,
        "subscribe_attempts",
    ),
    Behaviour("a PUT that would revive a flagged contact: 400", ASSUMED, STAFF + ": flagged in every account"),
    Behaviour("an attempt is a row that makes, revives or puts into a list", ASSUMED, NOTHING),
    Behaviour("an empty text in an import", ASSUMED, NOTHING, "blank_in_import"),
    Behaviour("opted out: not added to lists, counted in cannot_add_to_list_count", DOCUMENTED, SPEC),
    Behaviour("over 50 lists by import: the same, none of the lists is added", ASSUMED, NOTHING),
    Behaviour("bad address, birthday, anniversary: correctable_count, the row is set aside", DOCUMENTED, SPEC),
    Behaviour("a text too long in an import", ASSUMED, SPEC + " has the lengths only", "overlong_in_import"),
    Behaviour("an unknown property or custom field in an import: 400", ASSUMED, SPEC + " says it must exist"),
    Behaviour("import of a deleted contact", ASSUMED, NOTHING, "import_revives"),
)

BEHAVIOURS: tuple[Behaviour, ...] = CONNECTING + CONTACTS + LISTS + ACTIVITIES
