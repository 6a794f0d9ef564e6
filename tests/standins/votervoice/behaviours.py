"""What is imitated, and how sure it is: `documented` by the vendor, `seen` in captured answers, or `assumed`."""

from __future__ import annotations

from standins.provider import ASSUMED, DOCUMENTED, SEEN, Behaviour

BLUEPRINT = "vendor's API blueprint (2023-05-18)"
POSTMAN = "vendor's Postman collection with captured answers (2022-12, 2023-05)"
UPLOAD = "vendor's article 360005253874 on the upload tool"
NOTHING = "no source; the cautious choice"
STRICT = "stricter than the vendor"


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("the key is the whole header Authorization, without a scheme", DOCUMENTED, BLUEPRINT),
    Behaviour("Basic with the key as name and no password is taken too", DOCUMENTED, BLUEPRINT + ", sample in C#"),
    Behaviour("a missing or wrong key: 401", DOCUMENTED, BLUEPRINT),
    Behaviour("a path may be in any case, and end in a slash", SEEN, POSTMAN),
    Behaviour("association is required, except for addresses", DOCUMENTED, BLUEPRINT, "association"),
    Behaviour("addresses take association and sitenumber too", ASSUMED, NOTHING),
    Behaviour("an unknown association: 404", ASSUMED, NOTHING, "unknown_association"),
    Behaviour("/contacts may first answer 307, not to be cached", DOCUMENTED, BLUEPRINT, "redirect"),
    Behaviour("where the redirect leads the key is asked for again", DOCUMENTED, BLUEPRINT),
    Behaviour("the redirect comes before the key is looked at", ASSUMED, NOTHING),
    Behaviour("/contacts/mappings is never redirected", ASSUMED, NOTHING),
    Behaviour("errors have plain text, or JSON {Message}", ASSUMED, NOTHING, "error_body"),
    Behaviour("unknown or repeated parameters, unknown fields, wrong types: 400", ASSUMED, STRICT),
    Behaviour("a body of another content type: 415", ASSUMED, BLUEPRINT + " asks for JSON"),
    Behaviour("more than 10 calls at once: 429", ASSUMED, NOTHING, "concurrency_limit"),
    Behaviour("GET /contacts needs exactly one of contactId, email, dateUpdated; else 400", DOCUMENTED, BLUEPRINT),
    Behaviour("GET /contacts answers an array, empty for an unknown contact", DOCUMENTED, BLUEPRINT),
    Behaviour(
        "dateUpdated with > or < means from and until, both may be sent, none means exactly", DOCUMENTED, BLUEPRINT
    ),
    Behaviour("two bounds that are no range: 400", ASSUMED, NOTHING),
    Behaviour("orderBy=dateUpdated, orderDesc, limit, pageNumber from nought", SEEN, POSTMAN),
    Behaviour("another orderBy: 400", ASSUMED, STRICT),
    Behaviour("without limit a page has 100 contacts", ASSUMED, NOTHING, "default_limit"),
    Behaviour("a limit over 1000, or 0: 400", ASSUMED, NOTHING, "largest_limit"),
    Behaviour("e-mail addresses are compared whatever their case, ids with it", ASSUMED, NOTHING),
    Behaviour("POST answers 201, PUT, PATCH and DELETE 204, all without a body", SEEN, POSTMAN, "written"),
    Behaviour("by switch POST and PUT answer 200 with the record", DOCUMENTED, BLUEPRINT, "written"),
    Behaviour("POST of a known contactId or address: 409, or a second record", ASSUMED, NOTHING, "duplicate"),
    Behaviour("a contact needs a contactId or an address", ASSUMED, UPLOAD + ": keyed on one of them"),
    Behaviour("a malformed or fake address: 400", ASSUMED, NOTHING, "fake_domains"),
    Behaviour("groupList null is the default list, and is read back as null", DOCUMENTED, BLUEPRINT),
    Behaviour("an unknown groupList: 400, or the default list", ASSUMED, NOTHING, "unknown_list"),
    Behaviour("a contact is in one list; PUT with another list moves it", ASSUMED, NOTHING),
    Behaviour("PUT without membership or groupList leaves the contact in its list", ASSUMED, NOTHING),
    Behaviour("PUT empties what it leaves out", ASSUMED, POSTMAN + " sends whole records", "put_omitted"),
    Behaviour("PUT with another contactId in its body: 400", ASSUMED, NOTHING),
    Behaviour("PUT, PATCH and DELETE of an unknown contact: 404", ASSUMED, NOTHING),
    Behaviour("a second DELETE: 404, or 204", ASSUMED, NOTHING, "second_delete"),
    Behaviour("DELETE with groupList touches that list only", SEEN, POSTMAN),
    Behaviour(
        "whoever is in no list then is deleted, or kept with id and address", ASSUMED, NOTHING, "delete_from_list"
    ),
    Behaviour("PATCH takes membership.contactId only, for a temporaryContactId", DOCUMENTED, BLUEPRINT),
    Behaviour("temporaryContactId is there while contactId is null", DOCUMENTED, BLUEPRINT),
    Behaviour("temporaryContactId changes: here each day, and when rotated", DOCUMENTED, BLUEPRINT + ": over time"),
    Behaviour("what only the service knows may be sent back, and is ignored", ASSUMED, NOTHING),
    Behaviour("dateUpdated has 7 decimals and Z, and moves with every write", SEEN, POSTMAN),
    Behaviour("isNonDeliverableEmail is the service's own finding; another address ends it", ASSUMED, NOTHING),
    Behaviour("an address without a valid checksum: 400", DOCUMENTED, BLUEPRINT + ": the address is invalid"),
    Behaviour("a checksum is over every part of the address", ASSUMED, BLUEPRINT + ": detects transmission errors"),
    Behaviour("checksums come as text or as number, and are taken as both", SEEN, BLUEPRINT, "checksum_type"),
    Behaviour("contacts are read back without checksums", SEEN, POSTMAN),
    Behaviour("GET /addresses: 200 with message or suggestedZipCode for a bad address", DOCUMENTED, BLUEPRINT),
    Behaviour(
        "for a bad address, addresses are absent, or an empty array", SEEN, POSTMAN + "; production code", "no_address"
    ),
    Behaviour("only addresses that the post delivers to are found", DOCUMENTED, BLUEPRINT),
    Behaviour("country is in upper case: US or CA", DOCUMENTED, BLUEPRINT),
    Behaviour("simpleLookup on /addresses is for contacts whose address is incomplete", DOCUMENTED, BLUEPRINT),
    Behaviour("what it needs is a zip code, or city and state", ASSUMED, BLUEPRINT + ": a best-effort match"),
    Behaviour("what simpleLookup found is taken with its checksum by /contacts", DOCUMENTED, BLUEPRINT),
    Behaviour("zipcode has 5 digits in the US, state has two letters", DOCUMENTED, BLUEPRINT),
    Behaviour("another form of them is not found", ASSUMED, STRICT),
    Behaviour("nothing is found in the city Nowhere, nor without zip code and city", ASSUMED, "so that tests can fail"),
    Behaviour("custom fields are text, date MM/DD/YYYY, number as text, boolean, choices", DOCUMENTED, BLUEPRINT),
    Behaviour("an unknown custom field, or a value of another type: 400", ASSUMED, NOTHING),
    Behaviour("customFieldValues in a PUT replace those there", ASSUMED, NOTHING),
    Behaviour("GET /contacts/mappings shows lists and custom fields", DOCUMENTED, BLUEPRINT),
    Behaviour(
        "a list that only the API fills may have no mapping", DOCUMENTED, BLUEPRINT + ": mappings that were configured"
    ),
    Behaviour("contacts that were sent or uploaded: dateRegistered null", SEEN, POSTMAN),
    Behaviour("a record without values of custom fields has no customFieldValues", SEEN, POSTMAN),
    Behaviour("POST /users of a known address: updated, or 409 where the data differ much", DOCUMENTED, BLUEPRINT),
    Behaviour("another name is a significant difference of users", ASSUMED, NOTHING),
    Behaviour("the contacts of a list that is removed by hand go with it", ASSUMED, NOTHING),
    Behaviour("other documented resources answer 501 here", DOCUMENTED, BLUEPRINT),
)
