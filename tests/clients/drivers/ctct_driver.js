// ctct-api-client, Constant Contact's own client for Node.
"use strict";

const library = require("ctct-api-client");
const { serve } = require("./serving.js");

function opened({ url, key }) {
  const configuration = new library.Configuration({ accessToken: key, basePath: `${url}/v3` });
  const contacts = new library.ContactsApi(configuration);
  const lists = new library.ContactListsApi(configuration);
  const work = new library.BulkActivitiesApi(configuration);
  const account = new library.AccountServicesApi(configuration);
  const segments = new library.SegmentsApi(configuration);
  const CONTACT_QUERY = [
    ...["status", "email", "lists", "segment_id", "tags", "updated_after", "updated_before", "created_after"],
    ...["created_before", "optout_after", "optout_before", "include", "sms_status", "include_count", "limit"],
  ];
  const LIST_QUERY = ["limit", "include_count", "include_membership_count", "name", "status"];
  const given = (query, names) => names.map((name) => query[name]); // its parameters have places, not names
  const calls = {
    "GET /account/summary": (a) => account.getAccountDetails(a.query.extra_fields),
    "GET /contacts": (a) => contacts.getAllContacts(...given(a.query, CONTACT_QUERY)),
    "POST /contacts": (a) => contacts.createContact(a.body),
    "GET /contacts/{contact_id}": (a) => contacts.getContactById(a.contact, a.query.include),
    "PUT /contacts/{contact_id}": (a) => contacts.updateContact(a.contact, a.body),
    "DELETE /contacts/{contact_id}": (a) => contacts.deleteContact(a.contact),
    "GET /contact_lists": (a) => lists.getAllLists(...given(a.query, LIST_QUERY)),
    "POST /contact_lists": (a) => lists.createList(a.body),
    "GET /contact_lists/{list_id}": (a) => lists.getList(a.list, a.query.include_membership_count),
    "PUT /contact_lists/{list_id}": (a) => lists.updateList(a.list, a.body),
    "DELETE /contact_lists/{list_id}": (a) => lists.deleteList(a.list),
    "POST /activities/contacts_json_import": (a) => work.createImportJSONActivity(a.body),
    "POST /activities/add_list_memberships": (a) => work.createListAddActivity(a.body),
    "POST /activities/remove_list_memberships": (a) => work.createListRemoveActivity(a.body),
    "POST /activities/contact_delete": (a) => work.createDeleteActivity(a.body),
    "GET /activities": (a) => work.getAllActivities(a.query.limit, a.query.state),
    "GET /activities/{activity_id}": (a) => work.getActivityById(a.activity),
    "GET /segments": () => segments.getAllSegments(),
  };
  const plain = (call) => async (a) => (await call(a)).data || null;
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, plain(call)]));
}

const refusalOf = (error) => (error.response ? { status: error.response.status, body: error.response.data } : null);

serve(opened, refusalOf);
