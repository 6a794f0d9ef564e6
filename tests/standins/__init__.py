"""Stand-ins: small, strict, honest services on real sockets in the place of the providers, for tests and the demo.

They never import the product. `python -m standins [--provider NAME [--port N] [--api-key KEY]]` with `tests` on the
path;
port 0 picks a free one; prints `listening on http://127.0.0.1:PORT`. `--behaviours` prints what is imitated and how
sure it is.
In tests: `with StandIn("mailchimp") as s: s.url; s.state(); s.act(...); s.fault(...); s.clock(...); s.switch(...);
s.requests()`.

Control, all JSON, below http://127.0.0.1:PORT/_standin/ (400 {"error": ...} for what is not understood):

POST reset      {} → state, switches, faults, clock and log as at the start (a key from the command line stays)
GET  state      → {audience_id, counts: {<status>: n, members, segments}, segments: [{id, name, members, member_count}],
                forgotten: n, members: [{address, phone, hash, status, unsubscribed_by, merge_fields, tags, contact_id,
                last_changed}]}
                ?counts=1 leaves members out; ?history=1 adds
                history: [{time, hash, serial, contact_id, from, to, by: api|contact|admin|bounce}], oldest first;
                `from` is
                null for a creation (bulk seeding is not in it), `to` is "deleted" for who was permanently deleted.
                unsubscribed_by is contact, bounce, admin, api or null; contact and bounce lock against the API.
POST state      {"action": A, ...} or {"actions": [...]} → done by hand at the provider. Mailchimp's actions:
                unsubscribe {address, reason?} (by the contact) · admin_unsubscribe {address} · clean {address}
                (bounce) ·
                archive {address} · resubscribe {address} (by the contact: lifts the lock) · forget {address} ·
                set_merge_fields {address, merge_fields} · add_tag {address, name} · remove_tag {address, name} ·
                create_segment {name} · rename_segment {name, new_name} · delete_segment {name} · empty_audience {} ·
                create_member {address, status?, merge_fields?, tags?: [name], unsubscribed_by?} ·
                create_members {count, start?=1, address?="person{n}@example.org", status?, merge_fields?: {TAG:
                "..{n}.."},
                tags?} or {members: [as create_member]} · create_sms_contact {phone, status?} (without an address; the
                other actions take the number for it)
GET  requests   → {total, by_route, by_status, seconds_by_route, max_concurrency, requests: [{method, path, route,
                status?,
                fault?, seconds, request_bytes, body?, answer?}]} (the last 100,000; status is absent where nothing was
                answered); ?entries=0 leaves requests out
POST requests   {"bodies": true|false} → whether bodies are kept from now on (off at the start)
DELETE requests → forget the requests so far
POST faults     {kind, match: {method?, path_regex?, body_regex?}, status?=500, seconds?=1, skip?=0, times?, every?=1,
                probability?, seed?, action?, body?, headers?}
                kind: status (a problem document) | bare_429 | bare_403 | html_400 (no JSON) | cut_before | cut_after |
                timeout_before | timeout_after (hold `seconds`, then cut) | slow (answer after `seconds`) | garbled
                (with the effect, and a body that is none) | act_before | act_after (`action`, as of POST state, is done
                by hand just before the call has its effect, or just after it) | raw (without the effect: `status`,
                `headers` and `body`, in base64).
                before: without the effect; after: with the effect, but the answer never arrives. The path with its
                query is searched for path_regex, the body for body_regex.
                Fires after the first `skip` matching calls, at most `times` times, on every `every`-th or with
                `probability`. The first fault that fires wins. A slow or held call keeps its place among the
                simultaneous calls.
GET  faults     → the faults with `seen` and `fired`;  DELETE faults → none any more
GET  clock      → {now, iso, frozen};  POST clock {set?: ISO 8601 or seconds, advance_seconds?, frozen?: bool}
GET  switches   → all switches;  POST switches {name: value}: the choices of switches.py, and api_key, fake_domains,
                concurrency_limit
GET  behaviours → [{rule, mark: documented|seen|assumed, source, switch}]

The variable STANDIN_RECORD=<folder> makes a stand-in write every exchange with the provider's API to <provider>.jsonl
in it; `python -m standins.conformance FOLDER` holds them against the vendor's schema.

The other providers' state and actions are in the docstrings of their folders, or of their by_hand.py.

A new provider is one folder with server.py: `create(clock) -> Provider` (provider.py).
"""

from __future__ import annotations

from standins.process import Fresh as Fresh
from standins.process import StandIn as StandIn
from standins.process import StandInError as StandInError
