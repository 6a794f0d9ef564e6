"""What is imitated, and how sure it is: `documented` by the vendor, `seen` in use, or `assumed`."""

from __future__ import annotations

from standins.provider import ASSUMED, DOCUMENTED, SEEN, Behaviour

V1 = "vendor's article 6535087910548, Push API V1 (its first part)"
V2 = "vendor's articles 360052976791 and 360052977951, Push API (their first parts)"
ESSENTIALS = "vendor's article 360058512531, Push API for Community Essentials"
CLIENTS = "two production clients of V1 (Xojo, PHP)"
TENDENCI = "Tendenci 16.30, an association's system in use (its module for the Push API)"
CONNECTORS = "vendor's articles on community types and on several associations' systems"
MEMBES = "field mapping published by an AMS vendor (Membes)"
GATEWAY = "inferred from header and key form: such gateways answer so"
NOTHING = "no source; the cautious choice"


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("V1: one call, POST /push/v1/members, for people and organizations", DOCUMENTED, V1),
    Behaviour("V1: the key is in the header x-api-key", SEEN, CLIENTS),
    Behaviour("V1: the tenant code is in the body and names the site", DOCUMENTED, V1, "tenant_code"),
    Behaviour("V1: each record is sent whole; fields and groups left out are gone", DOCUMENTED, V1),
    Behaviour("V1: a flag that is left out is false", ASSUMED, NOTHING),
    Behaviour("V1: flags are booleans or the texts True and False", SEEN, CLIENTS),
    Behaviour("V1: fields of MemberDetails, and demographics by key and text of question and answer", SEEN, CLIENTS),
    Behaviour("V1: demographics are made by the push that names them", ASSUMED, NOTHING),
    Behaviour("V1: days are yyyy-MM-dd or empty", SEEN, CLIENTS),
    Behaviour("V1: answer {success, count, errorMessage}, one for the whole push", SEEN, CLIENTS),
    Behaviour("V1: unknown tenant code: success false, or 403", ASSUMED, NOTHING, "unknown_tenant"),
    Behaviour("V1: unknown fields, wrong types and null make an item bad", ASSUMED, "stricter than the vendor"),
    Behaviour("V1: a query parameter: 400", ASSUMED, "stricter than the vendor"),
    Behaviour("V1: a body that is no push fails as a push does", ASSUMED, NOTHING),
    Behaviour("V1: a content type other than JSON: 415", ASSUMED, ESSENTIALS + " says so of V2"),
    Behaviour("V1: LegacyContactKey is required, and its case counts", ASSUMED, "a third party's summary"),
    Behaviour("V1: members are visible almost at once", DOCUMENTED, V1, "visible_after_seconds"),
    Behaviour("V1: the delay until a change is visible counts from the latest push", ASSUMED, NOTHING),
    Behaviour("a community is made by the push that names it", ASSUMED, "the vendor is silent"),
    Behaviour(
        "community types are set up at the site beforehand, and say who may see and join", DOCUMENTED, CONNECTORS
    ),
    Behaviour("a new community is hidden where its type is set up so", ASSUMED, CONNECTORS, "community_types"),
    Behaviour(
        "V1: the name of a group is that of the latest push; without one it stays, or is the key", ASSUMED, NOTHING
    ),
    Behaviour("V1: a community stays when its last member leaves", ASSUMED, NOTHING),
    Behaviour("V1: group keys are compared with their case", ASSUMED, NOTHING),
    Behaviour("V1: of a group or member that is named twice in one push the last counts", ASSUMED, NOTHING),
    Behaviour("V1: a parent that is unknown is taken; the link resolves later", ASSUMED, NOTHING, "unknown_parent"),
    Behaviour("V1: nobody is their own parent", ASSUMED, NOTHING),
    Behaviour("V1: two members may share an address", ASSUMED, NOTHING),
    Behaviour(
        "V1: a malformed or fake address makes an item bad; an empty one does not", ASSUMED, NOTHING, "fake_domains"
    ),
    Behaviour("V1: names over 100 characters, of groups too, make an item bad", ASSUMED, NOTHING),
    Behaviour("one bad item fails the whole push, or is skipped in silence", ASSUMED, NOTHING, "bad_item"),
    Behaviour(
        "a failure is HTTP 200 with success false, or 400", ASSUMED, "clients look at the flag", "failure_status"
    ),
    Behaviour("more than 100 items in one push fail it", ASSUMED, "100 are used in production", "max_items"),
    Behaviour("a wrong or missing key: 403 Forbidden", ASSUMED, GATEWAY),
    Behaviour("more than 10 calls at once: 429 Too Many Requests", ASSUMED, GATEWAY, "concurrency_limit"),
    Behaviour("other methods: 405; other paths: 404, the one for events too", ASSUMED, NOTHING),
    Behaviour("nothing can be read back", DOCUMENTED, V1),
    Behaviour("V2: POST only, content type application/json or text/json", DOCUMENTED, ESSENTIALS),
    Behaviour("V2: another content type: 415", ASSUMED, ESSENTIALS + " says not allowed"),
    Behaviour("V2: the key is in the header ApiKey", SEEN, TENDENCI),
    Behaviour("V2: no tenant code in the request: the key alone names the site", SEEN, TENDENCI),
    Behaviour("V2: a push was taken where the status is 200, and only then", SEEN, TENDENCI),
    Behaviour("V2: the body of an answer: none, or as V1 has it", ASSUMED, NOTHING, "v2_answer"),
    Behaviour("V2: a failure is 400, or 500", ASSUMED, NOTHING, "v2_failure_status"),
    Behaviour("V2: the body is an array of full records", DOCUMENTED, V2),
    Behaviour("V2: what a record leaves out is gone", DOCUMENTED, V2),
    Behaviour("V2: with IsDeleted only the id is required", DOCUMENTED, V2),
    Behaviour("V2: a push with IsDeleted false brings the contact back", SEEN, TENDENCI),
    Behaviour("V2: deleting an unknown contact succeeds", ASSUMED, NOTHING),
    Behaviour("V2: moments are yyyy-MM-ddTHH:mm:ss.fff with Z or offset", DOCUMENTED, V2),
    Behaviour("V2: fields of ContactDetails", SEEN, TENDENCI + "; three more: " + MEMBES),
    Behaviour("V2: who is no member (IsMember) is not active", ASSUMED, "there is no other flag"),
    Behaviour(
        "V2: one array Groups, {GroupId, GroupName, GroupType, Role, InitialJoinDate, BeginDate, EndDate}",
        SEEN,
        TENDENCI,
    ),
    Behaviour("V2: a group of the type Membership is a security group, any other a community", SEEN, TENDENCI),
    Behaviour("V2: fields of addresses, telephone numbers and e-mail addresses", SEEN, TENDENCI),
    Behaviour("V2: a country is its two letters, or empty", SEEN, TENDENCI),
    Behaviour("V2: a telephone number of another form than xxx-xxx-xxxx is taken", SEEN, TENDENCI + " sends such"),
    Behaviour("V2: other objects of a contact are taken as they come", ASSUMED, "their fields are not known"),
    Behaviour("V2: /list has the modes Replace, Add and Remove", DOCUMENTED, V2),
    Behaviour("V2: /list has ListId, ListName, Mode and ContactIds", ASSUMED, NOTHING),
    Behaviour("V2: an unknown contact in a list makes it bad", ASSUMED, NOTHING, "v2_unknown_contact"),
    Behaviour("V2: /meeting and /product exist, and answer 501 here", DOCUMENTED, V2),
)
