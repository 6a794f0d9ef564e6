-- What the sync page shows is counted when it changes, not when somebody looks: a page must not count a million rows.

create table crm_sync.held_count (
    provider    text not null,
    kind        text not null check (kind in ('state', 'list', 'exception')),
    what        text not null,
    people      bigint not null,
    primary key (provider, kind, what)
);
comment on table crm_sync.held_count is 'How many holdings there are of each state, active ones in each list, and exceptions of each reason. Kept by a trigger on the ledger.';

-- EXECUTE: a transition table has its name only where the statement has one. Grouped first: a million rows are few different ones.
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
            select provider, 'list', l::text, n from changed cross join lateral unnest(lists) as l where state = 'active'
            union all
            select provider, 'exception', coalesce(reason, remark, state), n from changed
            where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending')
        )
        insert into crm_sync.held_count as h (provider, kind, what, people)
        select provider, kind, what, sum(n) from counted group by provider, kind, what having sum(n) <> 0 order by provider, kind, what
        on conflict (provider, kind, what) do update set people = h.people + excluded.people
    $statement$, changed);
    return null;
end
$function$;
comment on function crm_sync.count_held() is 'Adds to crm_sync.held_count what a statement changed in the ledger.';

create trigger count_inserted after insert on crm_sync.holding referencing new table as new_rows
    for each statement execute function crm_sync.count_held();
create trigger count_updated after update on crm_sync.holding referencing old table as old_rows new table as new_rows
    for each statement execute function crm_sync.count_held();
create trigger count_deleted after delete on crm_sync.holding referencing old table as old_rows
    for each statement execute function crm_sync.count_held();

-- Holdings of before. An update that changes nothing would count nothing, so they are counted here.
insert into crm_sync.held_count (provider, kind, what, people)
    select provider, 'state', state, count(*) from crm_sync.holding group by provider, state
    union all
    select provider, 'list', l::text, count(*) from crm_sync.holding cross join lateral unnest(lists) as l
    where state = 'active' group by provider, l
    union all
    select provider, 'exception', coalesce(reason, remark, state), count(*) from crm_sync.holding
    where reason is not null or remark is not null or state in ('opted_out', 'cleaned', 'pending')
    group by provider, coalesce(reason, remark, state);

create table crm_sync.run_tally (
    run_id          bigint not null references crm_sync.run on delete cascade,
    verb            text not null,
    list_id         bigint,
    list_name       text,
    cause           text,
    status          text not null,
    reason          text,
    operations      bigint not null,
    first_id        bigint not null,
    last_id         bigint not null
);
create index run_tally_by_run on crm_sync.run_tally (run_id);
comment on table crm_sync.run_tally is 'What became of the operations of a run that has ended, counted once, at its end. first_id and last_id bound them.';

create function crm_sync.tally_run(which bigint) returns void language sql as $function$
    delete from crm_sync.run_tally where run_id = which;
    insert into crm_sync.run_tally (run_id, verb, list_id, list_name, cause, status, reason, operations, first_id, last_id)
    select o.run_id, o.verb, o.list_id, coalesce(max(o.list_name), max(l.crm_name), max(l.name)), nullif(o.cause, ''), o.status, o.reason,
           count(*), min(o.operation_id), max(o.operation_id)
    from crm_sync.operation o
    left join crm_sync.list_holding l using (provider, list_id)
    where o.run_id = which
    group by o.run_id, o.verb, o.list_id, nullif(o.cause, ''), o.status, o.reason
$function$;
comment on function crm_sync.tally_run(bigint) is 'Counts the operations of a run into crm_sync.run_tally, anew.';

create function crm_sync.tally_ended_run() returns trigger language plpgsql as $function$
begin
    perform crm_sync.tally_run(new.run_id);
    return null;
end
$function$;
create trigger tally_when_ended after update of state on crm_sync.run
    for each row when (new.state in ('previewed', 'recorded', 'failed')) execute function crm_sync.tally_ended_run();

select crm_sync.tally_run(run_id) from crm_sync.run where state in ('previewed', 'recorded', 'failed');

create index run_by_time on crm_sync.run (provider, opened_at);
create index set_aside_by_reason on crm_sync.set_aside (provider, reason, contact_id) where resolved_at is null;

create table crm_sync.looked_at (
    looked_id   bigint generated always as identity primary key,
    looked_at   timestamptz not null default now(),
    who         text not null,
    contact_id  bigint not null,
    what        text not null check (what in ('found', 'explained', 'exported', 'retried'))
);
create index looked_at_by_contact on crm_sync.looked_at (contact_id);
comment on table crm_sync.looked_at is 'Who saw which contact''s data on the sync page, and when. Neither name nor address.';
