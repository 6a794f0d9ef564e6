-- The state of the pipeline as it was first: ../schema.sql then. What has changed since is in the files after this one.

create schema if not exists crm_sync;

create table crm_sync.migration (
    name        text primary key,
    applied_at  timestamptz not null default now()
);
comment on table crm_sync.migration is 'The files of sql/ledger/migrations that this database has.';

-- == Runs

create table crm_sync.run (
    run_id                bigint generated always as identity primary key,
    provider              text not null,
    airflow_run_id        text not null,
    mode                  text not null check (mode in ('changes', 'compare', 'full', 'backfill')),
    dry_run               boolean not null default false,
    allow_removals        boolean not null default false,
    since                 timestamptz,
    until                 timestamptz,
    state                 text not null default 'open'
                          check (state in ('open', 'held', 'planned', 'idle', 'previewed', 'recorded', 'failed')),
    notice                text,
    token                 bigint,
    account               text,
    fingerprint           text,
    do_not_contact_scope  text,
    snapshot              text,
    crm_identity          text,
    marker                uuid,
    log_installed         text,
    everyone              boolean not null default false,
    held_back             jsonb,
    question_id           bigint,
    allowed               jsonb not null default '{}',
    allowed_by            text,
    calls_again_at        timestamptz,
    folded_to             bigint not null default 0,
    folded_at             timestamptz,
    left_over             bigint not null default 0,
    waiting               bigint not null default 0,
    planned               bigint,
    planned_at            timestamptz,
    brake                 text,
    removals              jsonb,
    opened_at             timestamptz not null default now(),
    extracted_at          timestamptz,
    finished_at           timestamptz,
    is_good               boolean not null
                          generated always as (state = 'idle' or state = 'recorded' and left_over = 0) stored,
    unique (provider, airflow_run_id)
);
create index run_by_time on crm_sync.run (provider, opened_at);
create index run_that_did on crm_sync.run (provider, opened_at) where state not in ('idle', 'previewed');
comment on table crm_sync.run is
    'One run of one provider; state says how far it came, notice what was unusual about it.';
comment on column crm_sync.run.token is 'Fresh at each opening: the run may write while crm_sync.fence has it.';
comment on column crm_sync.run.account is
    'Which account of the provider answered when the run opened; null where it cannot tell.';
comment on column crm_sync.run.fingerprint is
    'Of all that makes results out of the same CRM: Do Not Contact scope, mapping, adapted SQL.';
comment on column crm_sync.run.marker is 'What its read left in crm.sync_marker of the CRM; null where it may not.';
comment on column crm_sync.run.log_installed is
    'Which installation of the CRM''s change log its read found; null where that could have missed a change.';
comment on column crm_sync.run.everyone is
    'Whether its extract read every contact: in a full run, or where a comparison finds too many changed to read them'
    ' one by one.';
comment on column crm_sync.run.held_back is
    'Contacts whose opt-out, at whichever provider, the CRM did not have when the run read it, with the lists that'
    ' are closed to them; null for all.';
comment on column crm_sync.run.question_id is
    'The question that holds what this run planned: but for Do Not Contact nothing of it is sent. Null where the plan'
    ' may be sent.';
comment on column crm_sync.run.allowed is
    'How many of each kind a person (allowed_by) has let this run take away, besides what the brake lets through.';
comment on column crm_sync.run.calls_again_at is
    'When the provider''s next day of calls begins, by the clock of the pipeline, where a load met the end of one.';
comment on column crm_sync.run.folded_to is 'The last operation of the run whose outcome the ledger has learned.';
comment on column crm_sync.run.folded_at is
    'When the ledger learned from the run for the last time; opening it again does not take that away.';
comment on column crm_sync.run.left_over is 'Operations that its last pass should have sent, and left to the next run.';
comment on column crm_sync.run.waiting is
    'Operations that it leaves to a later run, whether its load should have sent them, or they wait for their time.';
comment on column crm_sync.run.planned is
    'Operations that its load is to send, by the plan made last (planned_at); null before there is one.';
comment on column crm_sync.run.brake is
    'What triggers the brake in its plan (in a preview: would trigger it); null if the plan needs no approval.';
comment on column crm_sync.run.removals is 'What a plan that needs approval takes away, counted by cause and list.';
comment on column crm_sync.run.is_good is
    'Whether it ended well, as crm_sync/run_status.py has it: with nothing to do, or nothing left over.';

create table crm_sync.stage_stamp (
    run_id        bigint not null references crm_sync.run on delete cascade,
    stage         text not null,
    token         bigint not null,
    completed_at  timestamptz not null default now(),
    primary key (run_id, stage)
);
comment on table crm_sync.stage_stamp is 'The stages of a run that are complete for its present opening, by its token.';

create sequence crm_sync.run_token;
create table crm_sync.fence (
    provider  text primary key,
    token     bigint not null
);
comment on table crm_sync.fence is
    'The token of the run that was opened last. A transaction that writes the ledger, operations or stages locks the'
    ' row before it commits, and must have that token.';

create table crm_sync.cursor (
    provider       text primary key,
    snapshot       text,
    crm_identity   text,
    marker         uuid,
    read_marker    uuid,
    log_installed  text,
    account        text,
    fingerprint    text,
    held_back      jsonb,
    polled_at      timestamptz,
    compared_at    timestamptz,
    is_whole       boolean not null default false,
    run_id         bigint
);
comment on table crm_sync.cursor is
    'Where the next run begins: the CRM snapshot of the last recorded read, and the provider''s own time of the last'
    ' poll for opt-outs.';
comment on column crm_sync.cursor.marker is
    'The marker of the last read that counts: a CRM without it is an older image.';
comment on column crm_sync.cursor.read_marker is
    'The marker of the last read of the CRM, whatever became of its run: a CRM without it is an older image. It stays'
    ' while such an image has not been compared.';
comment on column crm_sync.cursor.log_installed is
    'The change log of the last read that counts: another one may have missed what came between.';
comment on column crm_sync.cursor.account is 'The account whose people the ledger has.';
comment on column crm_sync.cursor.fingerprint is 'What the results of the last recorded run rest on.';
comment on column crm_sync.cursor.held_back is
    'Whom the last recorded run held back: the next run decides again about each change to it.';
comment on column crm_sync.cursor.compared_at is 'When everybody in the CRM was looked at for the last time.';
comment on column crm_sync.cursor.is_whole is
    'Whether the ledger rests on what was last read, of everybody. Not where it learned something that no recorded'
    ' run has decided about.';

create table crm_sync.last_read (
    provider    text not null,
    contact_id  bigint not null,
    row_hash    uuid,
    primary key (provider, contact_id)
);
comment on table crm_sync.last_read is
    'A hash of what the last recorded read had of each contact, together with the rules it was read by; null: not'
    ' among those whom a full run reads.';

create table crm_sync.installation (
    only_row  boolean primary key default true check (only_row),
    state_id  uuid not null default gen_random_uuid()
);
comment on table crm_sync.installation is
    'Tells the markers of this state database from those of another one on the same CRM. If the database is copied'
    ' for another purpose, empty this table in the copy.';
insert into crm_sync.installation default values;

create table crm_sync.marker (
    token     uuid primary key default gen_random_uuid(),
    provider  text not null,
    run_id    bigint not null,
    made_at   timestamptz not null default now()
);
create index marker_by_time on crm_sync.marker (made_at);
comment on table crm_sync.marker is
    'Every marker that a read was about to leave in the CRM. One found there and not here is of a run that this'
    ' database has forgotten: it is the older of the two.';

create table crm_sync.account_said (
    provider  text not null,
    answers   text not null,
    known_as  text not null,
    said      text check (said in ('another', 'same')),
    said_by   text,
    said_at   timestamptz not null default now(),
    primary key (provider, answers)
);
comment on table crm_sync.account_said is
    'What a person has said of an account that the provider cannot tell: by which name the one that answers so is'
    ' known.';
comment on column crm_sync.account_said.said is
    'another: not the account that the ledger was of; same: that one, whatever it calls itself.';

-- == Handed from stage to stage, thrown away when a later run is recorded

create table crm_sync.scope_contact (
    run_id      bigint not null,
    contact_id  bigint not null,
    primary key (run_id, contact_id)
);
comment on table crm_sync.scope_contact is 'The contacts a run looks at; empty for a full run, which looks at all.';

create table crm_sync.scope_subscriber (
    run_id   bigint not null,
    subscriber_key  text not null,
    primary key (run_id, subscriber_key)
);
comment on table crm_sync.scope_subscriber is
    'The subscribers a run decides about: those of the ledger that its contacts are behind, and those of their'
    ' present addresses.';

create table crm_sync.extracted_list (
    run_id   bigint not null,
    list_id  bigint not null,
    name     text not null,
    kind     text not null,
    excluded boolean not null default false,
    primary key (run_id, list_id)
);
comment on table crm_sync.extracted_list is 'The synchronized lists, as the run read them in the CRM.';
comment on column crm_sync.extracted_list.excluded is
    'Whether the settings exclude the list: it stays at the provider as it is.';

create table crm_sync.extracted (
    run_id             bigint not null,
    contact_id         bigint not null,
    kind               text not null,
    first_name         text,
    last_name          text,
    organization_name  text,
    job_title          text,
    phone              text,
    website            text,
    address_line1      text,
    address_line2      text,
    city               text,
    state              text,
    postal_code        text,
    country            text,
    address            text,
    subscriber_key            text,
    do_not_contact     boolean not null,
    lists              bigint[] not null,
    flagged_lists      bigint[] not null,
    statuses           text[] not null default '{}',
    is_related         boolean not null default false,
    memberships        jsonb,
    organizations      jsonb,
    list_memberships   jsonb,
    extra              jsonb,
    outside_pilot      boolean not null default false,
    row_hash           uuid
);
create index extracted_by_key on crm_sync.extracted (run_id, subscriber_key);
comment on table crm_sync.extracted is 'The contacts, as the run read them in the CRM: what crm/extract says they are.';
comment on column crm_sync.extracted.lists is 'The lists of the contact, without those that the settings exclude.';
comment on column crm_sync.extracted.extra is
    'Further columns of the extract, which fields of the settings are filled from; null where there are none.';
comment on column crm_sync.extracted.outside_pilot is
    'Whether lists or domains of the pilot leave the contact out; then lists has all of its lists.';

create table crm_sync.set_aside (
    run_id        bigint not null,
    provider      text not null,
    contact_id    bigint not null,
    reason        text not null,
    holds_back    boolean not null default true,
    set_aside_at  timestamptz not null default now(),
    resolved_at   timestamptz,
    primary key (run_id, contact_id, reason)
);
create index set_aside_standing on crm_sync.set_aside (provider, contact_id) where resolved_at is null;
create index set_aside_by_reason on crm_sync.set_aside (provider, reason, set_aside_at desc, contact_id)
    where resolved_at is null;
create index set_aside_by_time on crm_sync.set_aside (provider, set_aside_at desc, contact_id)
    where resolved_at is null;
comment on table crm_sync.set_aside is
    'Contacts whose data is not good enough, and why; kept until somebody looks at them again (resolved_at).';
comment on column crm_sync.set_aside.holds_back is
    'Whether nothing new is sent of the contact; otherwise only what the reason names is left out.';

create table crm_sync.desired (
    run_id           bigint not null,
    subscriber_key          text not null,
    contact_id       bigint not null,
    contact_ids      bigint[] not null,
    address          text not null,
    fields           jsonb not null,
    payload_hash     text generated always as (md5(address || '|' || fields::text)) stored,
    lists            bigint[] not null,
    blocked          boolean not null,
    frozen           boolean not null,
    outside_pilot    boolean not null default false,
    wanted           boolean not null,
    is_organization  boolean not null default false,
    primary key (run_id, subscriber_key)
);
comment on table crm_sync.desired is
    'What the CRM wants: one row for each subscriber. blocked: Do Not Contact. frozen: its data was set aside, so'
    ' nothing new is sent for it.';
comment on column crm_sync.desired.wanted is
    'Whether the provider is to hold it active: it qualifies, and Do Not Contact does not keep it out.';

create table crm_sync.observed (
    run_id        bigint not null,
    subscriber_key       text not null,
    address       text not null,
    remote_id     text,
    status        text not null,
    fields        jsonb not null,
    payload_hash  text generated always as (md5(address || '|' || fields::text)) stored,
    remote_lists  text[] not null,
    primary key (run_id, subscriber_key)
);
comment on table crm_sync.observed is 'What a full run read back from the provider.';

create table crm_sync.observed_list (
    run_id     bigint not null,
    remote_id  text not null,
    name       text not null,
    members    bigint,
    primary key (run_id, remote_id)
);
comment on table crm_sync.observed_list is 'The lists that a full run read back from the provider.';

-- == What is asked of the providers, and what became of it. A row for each subscriber, with the lists to join and to
-- leave; a call is a row, and so is what did not go as planned: a first synchronization of a hundred thousand people in
-- four lists writes a hundred thousand rows, not a million.

create table crm_sync.planned_operation (
    operation_id   bigint generated always as identity primary key,
    run_id         bigint not null,
    provider       text not null,
    verb           text,
    contact_id     bigint,
    subscriber_key        text,
    list_id        bigint,
    address        text,
    from_subscriber_key   text,
    list_name      text,
    cause          text,
    reason         text,
    joins          bigint[] not null default '{}',
    leaves         bigint[] not null default '{}',
    carried        bigint[] not null default '{}',
    bundle         text,
    joins_bundle   text,
    leaves_bundle  text,
    planned_at     timestamptz not null default now()
);
create index planned_by_run on crm_sync.planned_operation (run_id, operation_id);
create index planned_by_contact on crm_sync.planned_operation (contact_id) where contact_id is not null;
create index planned_by_key on crm_sync.planned_operation (subscriber_key, provider) where subscriber_key is not null;
create index planned_of_lists on crm_sync.planned_operation (run_id) where list_id is not null;
comment on table crm_sync.planned_operation is
    'What a run asks of a provider: a row for each subscriber, with the lists to join and leave, or for each list.'
    ' crm_sync.operation has it a row for each membership, with its outcome.';
comment on column crm_sync.planned_operation.verb is
    'What is asked about the subscriber, or the list (list_id), itself; null where memberships alone change.';
comment on column crm_sync.planned_operation.reason is
    'Why the verb was refused before any call; null where it was not.';
comment on column crm_sync.planned_operation.carried is
    'Of joins and leaves those that the call of the verb does along the way; the others have calls of their own.';
comment on column crm_sync.planned_operation.bundle is
    'Subscribers of one bundle may share a call of their verb; joins_bundle and leaves_bundle: the set of lists of a'
    ' membership call, null where each list has its own.';

create table crm_sync.call (
    call_id        bigint generated always as identity primary key,
    run_id         bigint not null,
    provider       text not null,
    lists          bigint[],
    operation_ids  bigint[] not null,
    first_id       bigint not null,
    last_id        bigint not null,
    applied        integer not null default 0,
    remote_ids     text[],
    job         text,
    sent_at        timestamptz not null default now(),
    answered_at    timestamptz
) with (fillfactor = 60);
create index call_by_run on crm_sync.call (run_id);
create index call_by_operations on crm_sync.call using gist (int8range(first_id, last_id, '[]'));
comment on table crm_sync.call is
    'A call that was made, or was about to be: where nobody saw it answered (answered_at is null), it may have had'
    ' its effect or not.';
comment on column crm_sync.call.lists is
    'The lists whose memberships it changes; null where it asks for the verbs of its operations, and what rides on'
    ' them.';
comment on column crm_sync.call.operation_ids is 'Its operations, between first_id and last_id.';
comment on column crm_sync.call.applied is
    'How many operations, a membership being one, went as planned, and have no row in crm_sync.outcome.';
comment on column crm_sync.call.remote_ids is
    'The provider''s ids of its subscribers, in the order of operation_ids; null where the answer has none.';
comment on column crm_sync.call.job is 'The work at the provider that will tell what became of it.';

create table crm_sync.outcome (
    run_id        bigint not null,
    operation_id  bigint not null,
    verb          text not null,
    lists         bigint[],
    status        text not null check (status in ('applied', 'refused', 'deferred', 'held', 'dropped')),
    reason        text,
    remote_id     text,
    isolated      boolean not null default false,
    sent_at       timestamptz,
    settled_at    timestamptz not null default now()
);
create index outcome_by_operation on crm_sync.outcome (run_id, operation_id);
comment on table crm_sync.outcome is
    'What did not simply go as planned: refused, deferred, held, dropped with the plan that held it, or applied with'
    ' something to tell. lists: of memberships; null for the verb itself.';
comment on column crm_sync.outcome.isolated is
    'Deferred because its own call fails while those of others do not: no trouble of the whole run.';
comment on column crm_sync.outcome.sent_at is 'When its call may have begun; null where none did.';

create table crm_sync.changed_record (
    run_id        bigint not null,
    operation_id  bigint not null,
    before        jsonb not null,
    after         jsonb not null,
    primary key (run_id, operation_id)
);
comment on table crm_sync.changed_record is
    'What a planned operation changes of a record that the provider holds: the values that differ, and nothing else.'
    ' As old as the operation at most.';

create table crm_sync.doubt (
    provider      text not null,
    subscriber_key       text,
    from_subscriber_key  text,
    verb          text not null,
    list_id       bigint,
    contact_id    bigint,
    address       text,
    since         timestamptz not null default now()
);
comment on table crm_sync.doubt is
    'Calls that a load made when a later run had been opened already: the next run to read the CRM asks again.';

create table crm_sync.question (
    question_id   bigint generated always as identity primary key,
    provider      text not null,
    run_id        bigint not null,
    mode          text not null,
    crm_identity  text,
    account       text,
    weighed       jsonb not null,
    why           text not null,
    status        text not null default 'open'
                  check (status in ('open', 'approved', 'rejected', 'renewed', 'withdrawn', 'void', 'used')),
    held_since    timestamptz not null default now(),
    asked_at      timestamptz not null default now(),
    answered_by   text,
    ended_at      timestamptz,
    seen_run_id   bigint,
    taken_back    boolean not null default false
);
create unique index question_standing on crm_sync.question (provider) where status in ('open', 'approved');
create index question_of_run on crm_sync.question (run_id);
comment on table crm_sync.question is
    'A plan that took away too much, with its numbers (weighed), and what a person decided. Of each provider one'
    ' stands: open, or approved and not used yet.';
comment on column crm_sync.question.run_id is 'The run whose plan it is: its operations are kept to be looked at.';
comment on column crm_sync.question.account is 'The account that the plan was made for; null where it was not known.';
comment on column crm_sync.question.held_since is
    'When the first of the questions was asked that took each other''s place.';
comment on column crm_sync.question.seen_run_id is
    'The last run that it held: where nothing changed since, the next has nothing to do.';
comment on column crm_sync.question.taken_back is
    'Whether Airflow has been notified that no decision is needed any more.';

-- == The ledger

create table crm_sync.holding (
    provider          text not null,
    subscriber_key           text not null,
    contact_id        bigint,
    contact_ids       bigint[] not null default '{}',
    address           text not null,
    remote_id         text,
    payload_hash      text,
    fields            jsonb,
    named             boolean,
    lists             bigint[] not null default '{}',
    state             text not null
                      check (state in ('active', 'suppressed', 'archived', 'opted_out', 'cleaned', 'pending',
                                       'absent')),
    managed           boolean not null default true,
    reason            text,
    remark            text,
    refused_hash      text,
    refused_at        timestamptz,
    retry_at          timestamptz,
    tries             integer not null default 0,
    unanswered_verb   text,
    unanswered_lists  bigint[] not null default '{}',
    run_id            bigint,
    primary key (provider, subscriber_key)
) with (fillfactor = 80);
create index holding_by_contact on crm_sync.holding (provider, contact_id);
create index holding_of_several on crm_sync.holding using gin (contact_ids) where cardinality(contact_ids) > 1;
create index holding_by_remote_id on crm_sync.holding (provider, remote_id) where remote_id is not null;
create index holding_by_own_address on crm_sync.holding (provider, lower(btrim(address)))
    where lower(btrim(address)) <> subscriber_key;
create index holding_by_reason on crm_sync.holding (provider, reason) where reason is not null;
create index holding_to_retry on crm_sync.holding (provider, retry_at) where retry_at is not null;
create index holding_tried_in_vain on crm_sync.holding (provider, subscriber_key) where tries > 0;
create index holding_waiting on crm_sync.holding (provider, refused_at) where reason = 'deferred';
create index holding_excepted_since on crm_sync.holding (provider, refused_at desc nulls last, contact_id)
    where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending');
create index holding_excepted_until on crm_sync.holding (provider, retry_at desc nulls last, contact_id)
    where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending');
create index holding_excepted_by_reason on crm_sync.holding
    (provider, coalesce(reason, remark, state), refused_at desc nulls last, contact_id)
    where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending');
create index holding_absent on crm_sync.holding (provider, subscriber_key) where state = 'absent';
comment on table crm_sync.holding is
    'The ledger: what each provider holds of each subscriber, as it answered; never what we meant.';
comment on column crm_sync.holding.subscriber_key is
    'The person as the CRM has them: their address there, trimmed and lower-cased, or their number.';
comment on column crm_sync.holding.address is
    'The address at the provider, which is another where the person changed it there.';
comment on column crm_sync.holding.remote_id is
    'The provider''s own id of the person, which a change of address leaves as it is; null where it has none, or is'
    ' not known yet.';
comment on column crm_sync.holding.refused_at is
    'When it was refused, or, where reason is deferred, since when it waits.';
comment on column crm_sync.holding.fields is
    'What was sent last, or read back since; null where neither is known.';
comment on column crm_sync.holding.named is 'Whether what was sent last had a name; null: not known.';
comment on column crm_sync.holding.remark is 'What was left out of an accepted record, and why.';
comment on column crm_sync.holding.tries is
    'How often in a row the calls about this subscriber alone have failed; 0 once one is answered.';
comment on column crm_sync.holding.unanswered_verb is
    'The last call about the subscriber that nobody saw answered; null where all were.';
comment on column crm_sync.holding.unanswered_lists is
    'Lists that the subscriber was being put into or taken out of when the answer was lost: in or out, nobody knows.';

create table crm_sync.list_holding (
    provider   text not null,
    list_id    bigint not null,
    remote_id  text,
    name       text,
    crm_name   text,
    reason     text,
    retry_at   timestamptz,
    tries      integer not null default 0,
    excluded   boolean not null default false,
    run_id     bigint,
    primary key (provider, list_id)
);
create unique index list_holding_by_remote_id on crm_sync.list_holding (provider, remote_id)
    where remote_id is not null;
comment on table crm_sync.list_holding is
    'The lists at each provider: name is the one there, crm_name the one of the CRM that was last settled.';
comment on column crm_sync.list_holding.excluded is
    'Whether the settings exclude the list: it stays as it is there, whatever becomes of it in the CRM.';
comment on column crm_sync.list_holding.tries is 'As crm_sync.holding.tries.';

create table crm_sync.field_trouble (
    provider  text not null,
    reason    text not null,
    since     timestamptz not null default now(),
    primary key (provider, reason)
);
comment on table crm_sync.field_trouble is
    'What the last load found about the fields at the provider: one that is missing there, of another type, or required'
    ' and filled by nothing.';

create table crm_sync.opt_out (
    provider        text not null,
    subscriber_key         text not null,
    reason          text not null check (reason in ('unsubscribed', 'cleaned')),
    remote_id       text,
    contact_ids     bigint[],
    account         text,
    seen_at         timestamptz not null default now(),
    run_id          bigint,
    crm_written_at  timestamptz,
    lifted_at       timestamptz,
    primary key (provider, subscriber_key)
);
create index opt_out_to_write on crm_sync.opt_out (provider, subscriber_key)
    where crm_written_at is null and lifted_at is null;
create index opt_out_by_run on crm_sync.opt_out (run_id);
comment on table crm_sync.opt_out is
    'Who refused mail at a provider. While lifted_at is null, the pipeline never subscribes the address there.';
comment on column crm_sync.opt_out.remote_id is 'The provider''s own id of the person who refused.';
comment on column crm_sync.opt_out.contact_ids is
    'Null where the address itself refused there; else it is closed to these contacts, who refused under another'
    ' address, and to nobody else who comes to have it.';
comment on column crm_sync.opt_out.account is
    'In which account it was heard; null before accounts were known. It stands whatever account answers, and is'
    ' lifted by the same one only.';

create table crm_sync.unwritten_opt_out (
    provider    text not null,
    subscriber_key     text not null,
    contact_id  bigint not null,
    list_id     bigint not null,
    reason      text not null,
    since       timestamptz not null default now(),
    tried_at    timestamptz not null default now(),
    primary key (provider, subscriber_key, contact_id, list_id),
    foreign key (provider, subscriber_key) references crm_sync.opt_out on delete cascade
);
comment on table crm_sync.unwritten_opt_out is
    'Memberships on which the CRM did not let Do Not Contact be set for an opt-out; each run of the provider tries'
    ' again.';

-- == What is counted when it changes: a page must not count a million rows when somebody looks

create table crm_sync.held_count (
    provider  text not null,
    kind      text not null check (kind in ('state', 'list', 'exception')),
    what      text not null,
    people    bigint not null,
    primary key (provider, kind, what)
);
comment on table crm_sync.held_count is
    'How many holdings there are of each state, active ones in each list, and exceptions of each reason. Kept by a'
    ' trigger on the ledger.';

-- Execute: a transition table has its name only where the statement has one. Grouped first: a million rows are few
-- different ones.
create function crm_sync.count_held() returns trigger language plpgsql as $function$
declare
    changed constant text := case tg_op
        when 'INSERT' then 'select 1 as n, * from new_rows'
        when 'DELETE' then 'select -1 as n, * from old_rows'
        else 'select 1 as n, * from new_rows union all select -1, * from old_rows'
    end;
begin
    execute format($statement$
        with changed as (
            select provider, state, lists, reason, remark, sum(n) as n from (%s) each
            group by provider, state, lists, reason, remark having sum(n) <> 0
        ), counted as (
            select provider, 'state' as kind, state as what, n from changed
            union all
            select provider, 'list', l::text, n from changed cross join lateral unnest(lists) as l
            where state = 'active'
            union all
            select provider, 'exception', coalesce(reason, remark, state), n from changed
            where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending')
        )
        insert into crm_sync.held_count as h (provider, kind, what, people)
        select provider, kind, what, sum(n) from counted
        group by provider, kind, what having sum(n) <> 0
        order by provider, kind, what
        on conflict (provider, kind, what) do update set people = h.people + excluded.people
    $statement$, changed);
    return null;
end
$function$;
comment on function crm_sync.count_held() is 'Adds to crm_sync.held_count what a statement changed in the ledger.';

create trigger count_inserted after insert on crm_sync.holding referencing new table as new_rows
    for each statement execute function crm_sync.count_held();
create trigger count_updated after update on crm_sync.holding
    referencing old table as old_rows new table as new_rows
    for each statement execute function crm_sync.count_held();
create trigger count_deleted after delete on crm_sync.holding referencing old table as old_rows
    for each statement execute function crm_sync.count_held();

create table crm_sync.run_tally (
    run_id      bigint not null references crm_sync.run on delete cascade,
    verb        text not null,
    list_id     bigint,
    list_name   text,
    cause       text,
    status      text not null,
    reason      text,
    operations  bigint not null,
    first_id    bigint not null,
    last_id     bigint not null
);
create index run_tally_by_run on crm_sync.run_tally (run_id);
comment on table crm_sync.run_tally is
    'What became of the operations of a run that has ended, counted once, at its end. first_id and last_id bound'
    ' them.';

-- Of a run that has ended the ledger knows what became of everything, without a look at its calls. By arithmetic, as in
-- plan/planned_counts: what was planned, less what has an outcome of its own.
create function crm_sync.tally_run(which bigint) returns void language sql as $function$
    delete from crm_sync.run_tally where run_id = which;
    insert into crm_sync.run_tally
        (run_id, verb, list_id, list_name, cause, status, reason, operations, first_id, last_id)
    with planned as materialized (
        select p.provider, p.verb, p.list_id, max(p.list_name) as list_name, p.cause, p.reason,
               p.operation_id <= r.folded_to as is_folded,
               count(*) as operations, min(p.operation_id) as first_id, max(p.operation_id) as last_id
        from crm_sync.run r join crm_sync.planned_operation p using (run_id)
        where run_id = which and p.verb is not null
        group by p.provider, p.verb, p.list_id, p.cause, p.reason, p.operation_id <= r.folded_to
        union all
        select p.provider, 'add_to_list', l, null, null, null, p.operation_id <= r.folded_to,
               count(*), min(p.operation_id), max(p.operation_id)
        from crm_sync.run r join crm_sync.planned_operation p using (run_id) cross join unnest(p.joins) as l
        where run_id = which group by p.provider, l, p.operation_id <= r.folded_to
        union all
        select p.provider, 'remove_from_list', l, null, null, null, p.operation_id <= r.folded_to,
               count(*), min(p.operation_id), max(p.operation_id)
        from crm_sync.run r join crm_sync.planned_operation p using (run_id) cross join unnest(p.leaves) as l
        where run_id = which group by p.provider, l, p.operation_id <= r.folded_to
    ), apart as materialized (
        select p.provider, o.verb, coalesce(p.list_id, l) as list_id, max(p.list_name) as list_name,
               case when o.lists is null then p.cause end as cause, o.status, o.reason,
               p.operation_id <= r.folded_to as is_folded,
               count(*) as operations, min(p.operation_id) as first_id, max(p.operation_id) as last_id
        from crm_sync.run r join crm_sync.outcome o using (run_id)
        join crm_sync.planned_operation p using (run_id, operation_id)
        left join lateral unnest(o.lists) as l on true
        where run_id = which
        group by p.provider, o.verb, coalesce(p.list_id, l), case when o.lists is null then p.cause end,
                 o.status, o.reason, p.operation_id <= r.folded_to
    ), told as (
        select p.provider, p.verb, p.list_id, p.list_name, p.cause,
               case when p.reason is not null then 'refused'
                    when p.is_folded then 'applied'
                    else 'pending' end as status,
               p.reason,
               p.operations - case when p.reason is null then coalesce((
                   select sum(a.operations) from apart a
                   where a.verb = p.verb and a.list_id is not distinct from p.list_id
                     and a.cause is not distinct from p.cause and a.is_folded = p.is_folded), 0)
                                   else 0 end as operations,
               p.first_id, p.last_id
        from planned p
        union all
        select provider, verb, list_id, list_name, cause, status, reason, operations, first_id, last_id from apart
    )
    select which, t.verb, t.list_id, coalesce(max(t.list_name), max(l.crm_name), max(l.name)), t.cause, t.status,
           t.reason, sum(t.operations), min(t.first_id), max(t.last_id)
    from told t left join crm_sync.list_holding l using (provider, list_id)
    where t.operations > 0
    group by t.verb, t.list_id, t.cause, t.status, t.reason
$function$;
comment on function crm_sync.tally_run(bigint) is 'Recounts the operations of a run into crm_sync.run_tally.';

create function crm_sync.tally_ended_run() returns trigger language plpgsql as $function$
begin
    perform crm_sync.tally_run(new.run_id);
    return null;
end
$function$;
comment on function crm_sync.tally_ended_run() is 'Counts the operations of a run when it ends.';
create trigger tally_when_ended after update of state on crm_sync.run
    for each row when (new.state in ('previewed', 'recorded', 'failed', 'held'))
    execute function crm_sync.tally_ended_run();

-- == Alerts, and what a provider's client keeps between calls

create table crm_sync.alert (
    provider        text not null,
    kind            text not null
                    check (kind in ('load_failed', 'connection_lost', 'many_refused', 'brake_waiting', 'late',
                                    'records_wait', 'opt_outs_unwritten', 'not_live')),
    since           timestamptz not null default now(),
    airflow_run_id  text not null,
    met_again_in    text not null,
    told_at         timestamptz,
    untold          text,
    ended_at        timestamptz,
    primary key (provider, kind)
);
comment on table crm_sync.alert is
    'What is wrong with a provider now, each thing once, whether or not an alert went out. airflow_run_id: the run that'
    ' met it first, met_again_in: the last one.';
comment on column crm_sync.alert.told_at is 'When the alert went out; null if it did not, for the reason in untold.';
comment on column crm_sync.alert.ended_at is
    'When it ended, if the message about that could not be sent yet; null while it lasts.';

create table crm_sync.watch (
    provider  text primary key,
    since     timestamptz not null default now()
);
comment on table crm_sync.watch is
    'Since when a provider is expected to have good runs: when it was first watched without any, or last seen'
    ' switched off or paused.';

create table crm_sync.live_look (
    provider   text primary key,
    looked_at  timestamptz not null default now(),
    waits_for  text not null default ''
);
comment on table crm_sync.live_look is
    'When the watcher looked last whether a change in the CRM is to start a run of a provider, and what its next start'
    ' waits for: calls_of_day, or nothing.';

create table crm_sync.calls (
    provider  text not null,
    day       date not null,
    calls     bigint not null,
    primary key (provider, day)
);
comment on table crm_sync.calls is 'Calls made to a provider that counts them, by its own day (UTC).';

create table crm_sync.token (
    provider   text primary key,
    sealed     text not null,
    stored_at  timestamptz not null default now()
);
comment on table crm_sync.token is 'Tokens of providers that rotate them, encrypted with Airflow''s Fernet key.';

create table crm_sync.remembered (
    provider  text not null,
    kind      text not null,
    key       text not null,
    value     jsonb not null,
    at        timestamptz not null default now(),
    primary key (provider, kind, key)
);
comment on table crm_sync.remembered is 'Answers of a provider that need not be asked for twice.';

create table crm_sync.relied_on (
    provider  text not null,
    kind      text not null,
    subscriber_key   text not null,
    key       text not null,
    primary key (provider, kind, subscriber_key)
);
create index relied_on_by_key on crm_sync.relied_on (provider, kind, key);
comment on table crm_sync.relied_on is
    'Which remembered answer the record of a subscriber was sent with: while it is held, the answer is not forgotten.';

create table crm_sync.looked_at (
    looked_id   bigint generated always as identity primary key,
    looked_at   timestamptz not null default now(),
    who         text not null,
    contact_id  bigint not null,
    what        text not null check (what in ('found', 'explained', 'exported', 'retried'))
);
create index looked_at_by_contact on crm_sync.looked_at (contact_id);
create index looked_at_by_time on crm_sync.looked_at (looked_at);
comment on table crm_sync.looked_at is
    'Who saw which contact''s data on the sync page, and when. Neither name nor address.';

-- == Operations as they are thought of: each thing that is asked, a membership being one

create view crm_sync.part as
    select p.operation_id, p.run_id, p.provider, each.verb, p.contact_id, p.subscriber_key, each.list_id, p.address,
           case when each.is_own then p.from_subscriber_key end as from_subscriber_key, p.list_name,
           case when each.is_own then p.cause end as cause, each.is_own,
           case when not each.is_own and each.list_id <> all (p.carried) then each.list_id end as own_call_of,
           case when not each.is_own and each.list_id = any (p.carried) then p.verb end as carried_by,
           case when each.is_own or each.list_id = any (p.carried) then p.bundle else each.bundle end as bundle,
           coalesce(o.status, case when each.is_own and p.reason is not null then 'refused'
                                   when p.operation_id <= r.folded_to then 'applied' end) as settled,
           coalesce(o.reason, case when each.is_own then p.reason end) as reason, o.remote_id,
           coalesce(o.isolated, false) as isolated,
           o.sent_at, o.settled_at, p.planned_at, p.operation_id > r.folded_to as is_unfolded
    from crm_sync.planned_operation p
    join crm_sync.run r using (run_id)
    cross join lateral (
        select p.verb, p.list_id, true as is_own, null::text as bundle where p.verb is not null
        union all
        select 'add_to_list', unnest(p.joins), false, p.joins_bundle
        union all
        select 'remove_from_list', unnest(p.leaves), false, p.leaves_bundle
    ) each
    left join crm_sync.outcome o on o.run_id = p.run_id and o.operation_id = p.operation_id and o.verb = each.verb
        and (each.is_own or each.list_id = any (o.lists));
comment on view crm_sync.part is
    'Each thing that is asked of a provider, a membership being one. settled: what the ledger knows of it without a'
    ' look at the calls; null: nothing yet.';

create function crm_sync.calls_about(which bigint, what bigint, of_list bigint) returns setof crm_sync.call
    language sql stable
as $function$
    select c from crm_sync.call c
    where c.run_id = which and int8range(c.first_id, c.last_id, '[]') @> what and what = any (c.operation_ids)
      and (c.lists is null) = (of_list is null) and (of_list is null or of_list = any (c.lists))
$function$;
comment on function crm_sync.calls_about(bigint, bigint, bigint) is
    'The calls of a run (which) about a planned operation (what): those of its verb, or those that change its'
    ' membership of a list (of_list).';

create view crm_sync.operation as
    select p.operation_id, p.run_id, p.provider, p.verb, p.contact_id, p.subscriber_key, p.list_id, p.address,
        p.from_subscriber_key, p.list_name, p.cause,
           coalesce(p.settled, (
               select case when bool_or(c.answered_at is not null) then 'applied'
                           when bool_or(c.job is not null) then 'submitted'
                           when count(*) > 0 then 'in_doubt'
                           else 'pending' end
               from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c)) as status,
           p.reason,
           coalesce(p.remote_id, case when p.is_own then (
               select nullif((c.remote_ids)[array_position(c.operation_ids, p.operation_id)], '')
               from crm_sync.calls_about(p.run_id, p.operation_id, null) c
               where c.remote_ids is not null order by c.call_id desc limit 1) end) as remote_id,
           p.carried_by, p.bundle,
           (select c.job from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c
            where c.job is not null order by c.call_id desc limit 1) as job,
           p.isolated, p.planned_at,
           coalesce(p.sent_at, (select max(c.sent_at)
                                from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c)) as sent_at,
           coalesce(p.settled_at, (select max(c.answered_at)
                                   from crm_sync.calls_about(p.run_id, p.operation_id, p.own_call_of) c)) as settled_at,
           p.is_unfolded
    from crm_sync.part p;
comment on view crm_sync.operation is
    'Everything ever asked of a provider, a membership being one, with its outcome and reason. operation_id: the'
    ' planned row of the subscriber, which all its memberships share. status: pending; in_doubt: a call began and no'
    ' answer is recorded; submitted: the provider is working on it as part of a job; applied, refused, deferred, held.';

create view crm_sync.unfolded as
    select * from crm_sync.operation where is_unfolded;
comment on view crm_sync.unfolded is 'Operations whose outcome the ledger has yet to learn.';

create view crm_sync.not_applied as
    select p.operation_id, p.run_id, p.provider, o.verb, p.contact_id, p.subscriber_key,
           coalesce(p.list_id, l.list_id) as list_id, p.address,
           case when o.lists is null then p.from_subscriber_key end as from_subscriber_key, o.status, o.reason,
               o.isolated, o.sent_at
    from crm_sync.outcome o
    join crm_sync.run r using (run_id)
    join crm_sync.planned_operation p using (run_id, operation_id)
    left join lateral unnest(o.lists) as l (list_id) on true
    where o.status <> 'applied' and o.operation_id > r.folded_to
    union all
    select p.operation_id, p.run_id, p.provider, p.verb, p.contact_id, p.subscriber_key, p.list_id, p.address,
        p.from_subscriber_key, 'refused', p.reason, false, null
    from crm_sync.planned_operation p join crm_sync.run r using (run_id)
    where p.reason is not null and p.operation_id > r.folded_to;
comment on view crm_sync.not_applied is
    'Operations that did not go as planned, as far as the ledger has yet to learn of it.';

create function crm_sync.yet_to_come(which bigint) returns setof text language sql stable as $function$
    select p.subscriber_key
    from crm_sync.planned_operation p join crm_sync.run r on r.run_id = which
    where p.run_id = which and p.operation_id > r.folded_to
      and p.verb in ('suppress', 'change_address', 'create', 'update', 'enable') and p.reason is null
      and p.subscriber_key is not null
      -- Not "not exists": so many as there are, they are hashed, whatever the planner knows of them.
      and p.operation_id not in (
        select unnest(c.operation_ids) from crm_sync.call c
        where c.run_id = which and c.answered_at is not null and c.lists is null)
      and not exists (
        select from crm_sync.outcome o
        where o.run_id = which and o.operation_id = p.operation_id and o.lists is null)
$function$;
comment on function crm_sync.yet_to_come(bigint) is
    'Subscribers whose own call in a run (which) has no outcome yet: they join and leave no list before, and are not'
    ' archived.';

create function crm_sync.goes_with_do_not_contact(which bigint, who text, whom text, what bigint) returns boolean
    language sql stable
as $function$
    select exists (select from crm_sync.planned_operation s
                   where s.run_id = which and s.provider = who and s.verb = 'suppress' and s.subscriber_key = whom)
        or exists (select from crm_sync.opt_out o
            where o.provider = who and o.subscriber_key = whom and o.lifted_at is null)
        or exists (select from crm_sync.extracted e
                   where e.run_id = which and e.subscriber_key = whom and what = any (e.flagged_lists))
$function$;
comment on function crm_sync.goes_with_do_not_contact(bigint, text, text, bigint) is
    'Whether a run takes a subscriber (whom) out of a list (what) because of Do Not Contact, or because the person'
    ' left there.';

-- == What the data team reads

create view crm_sync.run_summary as
    select r.run_id, r.provider, r.mode, r.dry_run, r.airflow_run_id, r.opened_at as started_at, r.finished_at, r.state,
           r.notice, p.planned, c.applied + o.applied as applied, p.refused + o.refused as refused, o.deferred,
           p.planned - p.refused - c.applied - o.applied - o.refused - o.deferred - o.held - o.dropped as unsettled,
           s.set_aside, o.held, o.dropped, r.brake
    from crm_sync.run r
    cross join lateral (
        select coalesce(sum((verb is not null)::integer + cardinality(joins) + cardinality(leaves)), 0)::bigint
                   as planned,
               count(reason) as refused
        from crm_sync.planned_operation where run_id = r.run_id
    ) p
    cross join lateral (
        select coalesce(sum(applied), 0)::bigint as applied from crm_sync.call where run_id = r.run_id
    ) c
    cross join lateral (
        select coalesce(sum(things) filter (where status = 'applied'), 0)::bigint as applied,
               coalesce(sum(things) filter (where status = 'refused'), 0)::bigint as refused,
               coalesce(sum(things) filter (where status = 'deferred'), 0)::bigint as deferred,
               coalesce(sum(things) filter (where status = 'held'), 0)::bigint as held,
               coalesce(sum(things) filter (where status = 'dropped'), 0)::bigint as dropped
        from (select status, coalesce(cardinality(lists), 1) as things from crm_sync.outcome
              where run_id = r.run_id) each
    ) o
    cross join lateral (select count(*) as set_aside from crm_sync.set_aside where run_id = r.run_id) s;
comment on view crm_sync.run_summary is 'One row for each run: what it planned and what became of it.';

create view crm_sync.operation_counts as
    select t.run_id, r.provider, t.verb, t.list_id, t.list_name, t.status, t.reason,
           sum(t.operations)::bigint as operations
    from crm_sync.run_tally t join crm_sync.run r using (run_id)
    group by t.run_id, r.provider, t.verb, t.list_id, t.list_name, t.status, t.reason
    union all
    -- Of a run that has not ended nothing is counted yet.
    select o.run_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.name), o.status, o.reason, count(*)
    from crm_sync.run r join crm_sync.operation o using (run_id)
    left join crm_sync.list_holding l on l.provider = o.provider and l.list_id = o.list_id
    where r.state in ('open', 'planned')
    group by o.run_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.name), o.status, o.reason;
comment on view crm_sync.operation_counts is
    'How many operations of each kind a run planned, by list, outcome and reason.';

create view crm_sync.set_aside_counts as
    select run_id, provider, reason, count(*) as contacts from crm_sync.set_aside group by run_id, provider, reason;
comment on view crm_sync.set_aside_counts is 'How many contacts a run set aside, by reason.';

create view crm_sync.standing as
    select s.provider, s.contact_id, s.reason, s.holds_back, s.set_aside_at as since
    from crm_sync.set_aside s left join crm_sync.run r using (run_id)
    where s.resolved_at is null and coalesce(r.state, '') not in ('failed', 'previewed')
      and not exists (
        select from crm_sync.set_aside earlier left join crm_sync.run e using (run_id)
        where earlier.provider = s.provider and earlier.contact_id = s.contact_id and earlier.resolved_at is null
          and earlier.reason = s.reason and earlier.run_id < s.run_id
          and coalesce(e.state, '') not in ('failed', 'previewed'));
comment on view crm_sync.standing is
    'Contacts that are set aside now, each reason once; previews and runs that failed only looked at them once more.';

create view crm_sync.excepted as
    select provider, contact_id, subscriber_key, address, coalesce(reason, remark, state) as reason,
           refused_at as since, retry_at as next_try,
           reason is not null and state not in ('opted_out', 'cleaned', 'pending') as can_retry,
           reason = 'deferred' or tries > 0 and reason is not null as waits
    from crm_sync.holding
    where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending');
comment on view crm_sync.excepted is 'People whom a provider does not hold as the CRM says, and why.';

create view crm_sync.exceptions as
    select provider, 'subscriber' as what, contact_id, subscriber_key, null::bigint as list_id, reason, since
    from crm_sync.excepted
    union all
    -- A preview, or a run that failed, looked at the same rows once more; that is no second exception.
    select provider, 'contact', contact_id, null, null, reason, since from crm_sync.standing
    union all
    select provider, 'list', null, null, list_id, reason, null from crm_sync.list_holding where reason is not null
    union all
    select provider, 'field', null, null, null, reason, since from crm_sync.field_trouble
    union all
    select provider, 'opt_out', contact_id, subscriber_key, list_id, reason, since from crm_sync.unwritten_opt_out
    union all
    -- At every other provider that holds them back for it.
    select c.provider, 'opt_out', h.contact_id::bigint, null, null, 'opt_out_unwritten', null
    from crm_sync.cursor c cross join lateral jsonb_object_keys(coalesce(c.held_back, '{}')) as h (contact_id)
    where not exists (
        select from crm_sync.unwritten_opt_out u
        where u.provider = c.provider and u.contact_id = h.contact_id::bigint);
comment on view crm_sync.exceptions is 'Whom or what a provider does not hold as the CRM says, now, and why.';

create view crm_sync.person_history as
    select o.operation_id, o.contact_id, o.provider, o.subscriber_key, o.verb, o.list_id,
           case when o.status = 'pending' and not r.dry_run and r.state not in ('open', 'planned') then 'not_sent'
                else o.status end as status,
           o.reason, o.cause, o.planned_at, o.settled_at, o.run_id, r.dry_run as is_preview
    from crm_sync.operation o join crm_sync.run r using (run_id)
    where o.subscriber_key is not null
    order by o.operation_id, o.list_id nulls first;
comment on view crm_sync.person_history is
    'Everything asked of a provider about a person, in order; filter by contact_id or subscriber_key. is_preview: a run'
    ' only looked what it would ask. status: as in crm_sync.operation; not_sent where the run ended before it.';

create view crm_sync.people_per_list as
    select l.provider, l.list_id, l.name as list_name, count(h.subscriber_key) as people
    from crm_sync.list_holding l
    left join crm_sync.holding h on h.provider = l.provider and h.state = 'active' and l.list_id = any (h.lists)
    group by l.provider, l.list_id, l.name;
comment on view crm_sync.people_per_list is
    'How many active subscribers each list holds at each provider, by the ledger.';
