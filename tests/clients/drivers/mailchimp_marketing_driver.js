// @mailchimp/mailchimp_marketing, Mailchimp's own client for Node.
"use strict";

const client = require("@mailchimp/mailchimp_marketing");
const { serve } = require("./serving.js");

const MEMBER = "/lists/{list_id}/members/{subscriber_hash}";
const SEGMENT = "/lists/{list_id}/segments/{segment_id}";

// Its options have names of their own: sinceLastChanged for since_last_changed.
function options(query) {
  const named = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(query ?? {}).map(([name, value]) => [named(name), value]));
}

// Of an answer without a body it hands on an empty object.
const emptied = (answer) => {
  if (answer && Object.keys(answer).length) throw new Error("a body where there should be none");
  return null;
};

function opened({ url, key, audience: of }) {
  client.setConfig({ apiKey: key, server: "server" });
  client.basePath = `${url}/3.0`;
  const lists = client.lists;
  return {
    "GET /": (a) => client.root.getRoot(options(a.query)),
    "POST /lists/{list_id}": (a) => lists.batchListMembers(of, a.body, options(a.query)),
    "GET /lists/{list_id}/members": (a) => lists.getListMembersInfo(of, options(a.query)),
    [`GET ${MEMBER}`]: (a) => lists.getListMember(of, a.member, options(a.query)),
    [`PUT ${MEMBER}`]: (a) => lists.setListMember(of, a.member, a.body),
    [`PATCH ${MEMBER}`]: (a) => lists.updateListMember(of, a.member, a.body, options(a.query)),
    [`DELETE ${MEMBER}`]: async (a) => emptied(await lists.deleteListMember(of, a.member)),
    [`GET ${MEMBER}/tags`]: (a) => lists.getListMemberTags(of, a.member, options(a.query)),
    "GET /lists/{list_id}/merge-fields": (a) => lists.getListMergeFields(of, options(a.query)),
    "GET /lists/{list_id}/segments": (a) => lists.listSegments(of, options(a.query)),
    "POST /lists/{list_id}/segments": (a) => lists.createSegment(of, a.body),
    [`PATCH ${SEGMENT}`]: (a) => lists.updateSegment(of, a.segment, a.body),
    [`DELETE ${SEGMENT}`]: async (a) => emptied(await lists.deleteSegment(of, a.segment)),
    [`POST ${SEGMENT}`]: (a) => lists.batchSegmentMembers(a.body, of, a.segment),
    [`GET ${SEGMENT}/members`]: (a) => lists.getSegmentMembersList(of, a.segment, options(a.query)),
    [`POST ${SEGMENT}/members`]: (a) => lists.createSegmentMember(of, a.segment, a.body),
    [`DELETE ${SEGMENT}/members/{subscriber_hash}`]: async (a) =>
      emptied(await lists.removeSegmentMember(of, a.segment, a.member)),
    "POST /batches": (a) => client.batches.start(a.body),
  };
}

const refusalOf = (error) =>
  error.response ? { status: error.status, body: error.response.body ?? error.response.text } : null;

serve(opened, refusalOf);
