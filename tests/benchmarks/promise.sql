-- The least ledger that keeps the promise: people with their lists as arrays, a durable row for each call, an outcome for each person.
create table ledger (subscriber_key text primary key, contact_id bigint, address text, payload_hash text, lists bigint[] not null, state text not null, run_id bigint);
create table list_ledger (list_id bigint primary key, remote_id text not null);
create table outcome (run_id bigint not null, subscriber_key text not null, verb text not null, joins bigint[] not null, leaves bigint[] not null, status text not null, reason text);
create table call (run_id bigint not null, call bigint not null, answered_at timestamptz not null default now(), exceptions jsonb);
create table stage (contact_id bigint, first_name text, last_name text, address text, subscriber_key text, do_not_contact boolean, lists bigint[], flagged_lists bigint[]);
create table work (subscriber_key text, contact_id bigint, address text, fields text, payload_hash text, verb text, lists bigint[], joins bigint[], leaves bigint[]);
