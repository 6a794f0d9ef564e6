"""What is imitated, and how sure it is: `documented` by the vendor, `seen` at the real service, or `assumed`."""

from __future__ import annotations

from standins.provider import ASSUMED, DOCUMENTED, SEEN, Behaviour

SPEC = "vendor's Marketing Swagger 3.0.55"
NEWER_SPEC = "vendor's Marketing Swagger 3.0.91"
FIXTURE = "traffic captured by a public client's tests (grouparoo)"
BODIES = "error bodies captured by a public client's tests"
CLASSIFIER = "error classifier of a public PHP client"
HULL = "live end-to-end test of a public connector"
RECORDED = "traffic of 2021 recorded by a public client's tests"
CLIENTS = "public clients' code and issues"
NOTHING = "no source; the cautious choice"


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("the subscriber hash is the MD5 of the lower-cased address", DOCUMENTED, SPEC),
    Behaviour("a member path also takes the address or the contact_id", DOCUMENTED, SPEC),
    Behaviour("errors are problem+json, instance equals X-Request-Id", SEEN, FIXTURE),
    Behaviour("sentences may come in German, titles and fields stay", SEEN, BODIES, "language"),
    Behaviour("missing or wrong key: 401 API Key Missing, API Key Invalid", SEEN, "the vendor's error glossary"),
    Behaviour("a code works once, within five minutes, for its own redirect_uri, with the secret", ASSUMED, NOTHING),
    Behaviour("a token has neither scope nor end, and metadata names its data centre", DOCUMENTED, "OAuth 2 guide"),
    Behaviour("metadata wants Authorization: OAuth", SEEN, "three public clients"),
    Behaviour("the API takes a token as Bearer, or as OAuth", SEEN, "mailchimp3 3.0.21 sends the latter"),
    Behaviour("a user who says no: error=access_denied", ASSUMED, NOTHING, "consent"),
    Behaviour("unknown client or redirect_uri: a page with 400, no redirect", ASSUMED, NOTHING, "redirect_uris"),
    Behaviour("the API root names the account by an id that outlasts its keys", DOCUMENTED, SPEC, "account_id"),
    Behaviour("10 calls at once, then 429 without Retry-After", DOCUMENTED, "fundamentals page", "concurrency_limit"),
    Behaviour("unknown query parameters, wrong types: 400 Invalid Resource", ASSUMED, "stricter than the vendor"),
    Behaviour("body fields that the schema lacks are passed over", SEEN, "a maintained public target"),
    Behaviour("pages: count 10 by default, at most 1000, offset, total_items", DOCUMENTED, SPEC),
    Behaviour("count over 1000: 400", ASSUMED, SPEC + " gives the maximum only"),
    Behaviour("fields and exclude_fields take dotted paths", DOCUMENTED, SPEC),
    Behaviour("archived members are listed with status=archived only", ASSUMED, NOTHING),
    Behaviour("unsubscribed_since with another status: 400", DOCUMENTED, SPEC),
    Behaviour("since_ and before_ bounds mean strictly after and before, in seconds", ASSUMED, SPEC, "since_bounds"),
    Behaviour("unsorted lists are in the order of creation", ASSUMED, NOTHING),
    Behaviour("every write moves last_changed, tags included, even when nothing differs", ASSUMED, NOTHING),
    Behaviour("POST of a known address, archived ones too: 400 Member Exists", SEEN, "mailchimp/APIv3-examples #49"),
    Behaviour("PUT: status_if_new counts for new members only; archived is not new", SEEN, "jethro-pmm #708"),
    Behaviour("PUT without status_if_new for a known member", SEEN, FIXTURE, "put_without_status_if_new"),
    Behaviour("PUT whose address does not belong to the hash: 400", ASSUMED, NOTHING),
    Behaviour("merge fields not sent are kept, empty clears, unknown tags are ignored", SEEN, FIXTURE),
    Behaviour("merge values are checked by type: Your merge fields were invalid.", SEEN, FIXTURE),
    Behaviour("a merge text has at most 255 bytes", ASSUMED, "general knowledge"),
    Behaviour("skip_merge_validation lets required merge fields be empty", DOCUMENTED, SPEC),
    Behaviour("PATCH with a new address moves the member and keeps its contact_id", SEEN, "MailChimp.Net #201"),
    Behaviour("PATCH to an address known in any status: 400, field `email address`", SEEN, BODIES),
    Behaviour("DELETE archives, 204", DOCUMENTED, SPEC),
    Behaviour("DELETE of a cleaned, pending or archived member: 405, Allow: GET, PUT", SEEN, RECORDED),
    Behaviour("DELETE of an absent member: 404", ASSUMED, NOTHING),
    Behaviour("an address added and archived a dozen times: Invalid Resource for now", SEEN, HULL, "sign_up_cap"),
    Behaviour("that lasts minutes to days; here one day", SEEN, HULL, "sign_up_cap_hours"),
    Behaviour("compliance and forgotten problems come without `type`", SEEN, CLIENTS),
    Behaviour("errors name merge_fields.FNAME and email_address, or do not", SEEN, CLIENTS, "error_fields"),
    Behaviour("an account that is switched off: 403 User Disabled", SEEN, "the vendor's error glossary", "account"),
    Behaviour("a call that the user may not make: 403 Forbidden", SEEN, "the vendor's error glossary", "account"),
    Behaviour("permanently deleted: Forgotten Email Not Subscribed", SEEN, BODIES),
    Behaviour("fake domains: Invalid Resource, looks fake", SEEN, BODIES, "fake_domains"),
    Behaviour("who unsubscribed itself cannot be subscribed by the API", SEEN, "jethro-pmm #656"),
    Behaviour("who was unsubscribed by the API or an administrator can", SEEN, "reports of 2026 in client projects"),
    Behaviour("the lock survives archiving and a change of address", ASSUMED, NOTHING),
    Behaviour("a locked unsubscribed member may be set to pending", SEEN, "accepted work-around in client projects"),
    Behaviour("cleaned can be set by the API and not be taken back", ASSUMED, CLASSIFIER),
    Behaviour("batch: 200 with errors[] even if all fail; at most 500", DOCUMENTED, SPEC),
    Behaviour("batch over 500: 400 Invalid Resource", ASSUMED, SPEC + " gives the maximum only"),
    Behaviour("batch: known address without update_existing: ERROR_CONTACT_EXISTS", DOCUMENTED, SPEC),
    Behaviour("batch: no status keeps the known member's status", ASSUMED, NOTHING, "batch_without_status"),
    Behaviour("batch: an entry with status_if_new and no status is taken", SEEN, HULL + ", mailchimp3 3.0.21"),
    Behaviour("status_if_new there leaves known members their status", ASSUMED, "its name", "batch_without_status"),
    Behaviour(
        "batch: locked members land in errors", SEEN, "client projects; PR #152 reports silence", "compliance_in_batch"
    ),
    Behaviour("batch: tags inside members are passed over", ASSUMED, SPEC + " has none", "batch_tags"),
    Behaviour("batch: sync_tags replaces all tags by those sent, which are none", DOCUMENTED, SPEC),
    Behaviour("batch: an address twice: 400 for the whole call, unless skip_duplicate_check", SEEN, HULL),
    Behaviour("batch answers carry contact_id, no full_name and no web_id", DOCUMENTED, NEWER_SPEC),
    Behaviour("a contact may have no e-mail address (SMS only)", DOCUMENTED, "release notes of 2025-08, " + NEWER_SPEC),
    Behaviour("contacts without an address are among the members, without email_address", ASSUMED, NOTHING, "sms_only"),
    Behaviour("a tag name that exists: 400 Bad Request without errors", SEEN, CLIENTS),
    Behaviour("tag names are unique whatever their case", ASSUMED, NOTHING),
    Behaviour("tag names have 1 to 100 characters", ASSUMED, NOTHING),
    Behaviour("member_count of a segment counts subscribed only", DOCUMENTED, SPEC),
    Behaviour("segment calls take 500 additions and 500 removals", DOCUMENTED, SPEC),
    Behaviour("some strangers in a segment call: 200, ignored in silence, never created", DOCUMENTED, SPEC),
    Behaviour("strangers alone in one array of a segment call: 400 with its name, nothing done", SEEN, HULL),
    Behaviour("unsubscribed and cleaned members in segment calls", SEEN, CLIENTS + "; they may err", "left_in_segment"),
    Behaviour("archived members cannot be added to a segment", ASSUMED, NOTHING, "archived_in_segment"),
    Behaviour("adding who is in, removing who is out: 200 with an entry in errors", SEEN, HULL, "segment_repeat"),
    Behaviour("segment members hide unsubscribed, cleaned, transactional unless include_*", DOCUMENTED, SPEC),
    Behaviour("deleting a segment takes the tag from its members", DOCUMENTED, "segments are tags"),
    Behaviour("tags survive archiving and return", ASSUMED, NOTHING),
    Behaviour("member tags: 204 empty; an unknown tag is created", SEEN, FIXTURE),
    Behaviour("tag-search finds by prefix, whatever the case", ASSUMED, SPEC),
)
