-- What a run rests on is kept with it, a stage says when it is complete, and a run that another has followed writes no more.

alter table crm_sync.run drop constraint run_mode_check;
alter table crm_sync.run add constraint run_mode_check check (mode in ('changes', 'compare', 'full', 'backfill'));
alter table crm_sync.run
    add column token                bigint,
    add column account              text,
    add column fingerprint          text,
    add column do_not_contact_scope text;
comment on column crm_sync.run.token is 'Fresh at each opening: the run may write while crm_sync.fence has it.';
comment on column crm_sync.run.account is 'Which account of the provider answered when the run opened; null where it cannot tell.';
comment on column crm_sync.run.fingerprint is 'Of all that makes results out of the same CRM: Do Not Contact scope, mapping, adapted SQL.';

alter table crm_sync.cursor
    add column account      text,
    add column fingerprint  text,
    add column compared_at  timestamptz;
comment on column crm_sync.cursor.account is 'The account whose people the ledger has.';
comment on column crm_sync.cursor.fingerprint is 'What the results of the last recorded run rest on.';
comment on column crm_sync.cursor.compared_at is 'When everybody in the CRM was looked at for the last time.';

create sequence crm_sync.run_token;
create table crm_sync.fence (provider text primary key, token bigint not null);
comment on table crm_sync.fence is 'The token of the run that was opened last. Whoever writes the ledger, operations or stages locks the row before the commit, and has that token.';

create table crm_sync.stage_stamp (
    run_id          bigint not null references crm_sync.run on delete cascade,
    stage           text not null,
    token           bigint not null,
    completed_at    timestamptz not null default now(),
    primary key (run_id, stage)
);
comment on table crm_sync.stage_stamp is 'The stages of a run that are complete for its present opening, by its token.';

alter table crm_sync.opt_out add column account text;
comment on column crm_sync.opt_out.account is 'In which account it was heard; null before accounts were known. It stands whatever account answers, and is lifted by the same one only.';

create table crm_sync.account_said (
    provider text not null, answers text not null, known_as text not null, said_at timestamptz not null default now(), primary key (provider, answers)
);
comment on table crm_sync.account_said is 'What a person has said of an account that the provider cannot tell: by which name the one that answers so is known.';

create table crm_sync.doubt (
    provider text not null, subject text, from_subject text, verb text not null, list_id bigint, contact_id bigint, address text,
    since timestamptz not null default now()
);
comment on table crm_sync.doubt is 'Calls that a load made when a later run had been opened already: the next run to read the CRM asks again.';
