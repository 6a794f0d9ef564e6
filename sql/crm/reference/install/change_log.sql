-- The change log: what changed in which transaction, written by the database itself, so that no program that changes
-- the CRM can forget it. It notes causes, not whom they concern: that depends on other transactions too, and only the
-- read knows them (crm/extract/changed_contacts). An association with another CRM adapts the causes in
-- crm.log_change(), the names of the tables below, and crm/extract/change_log_state.
--
-- May be run again at any time, and must be after a trigger was disabled, dropped or replaced. A log of an earlier
-- release is replaced. Waits for transactions that have changed the CRM and are still open.

-- SECURITY DEFINER: a user who may change a contact needs no rights on the log. search_path is fixed for that reason.
-- EXECUTE, not static SQL: the plan follows the number of rows this statement changed, not that of the session's first
-- one. Rows are compared by their text: not every type has an equality (json, xml, point), and that of citext does not
-- see 'ann' become 'Ann'. The settings keep two values from looking alike.
-- The function comes before its table: between the two, an error here must not be one of the CRM's own statement.
create or replace function crm.log_change() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp set extra_float_digits = 3 set datestyle = 'ISO'
as $function$
declare
    -- By what each changed row concerns people; a null key concerns nobody. No column is called "this row".
    causes constant text := case tg_table_name
        when 'contact' then $$('contact', "this row".contact_id)$$
        -- Who shares the address: Do Not Contact of either wins, so the others may be held otherwise now.
        when 'email_address' then
            $$('contact', "this row".contact_id),
              ('address', case when "this row".is_primary
                          then hashtextextended(nullif(lower(btrim("this row".address::text)), ''), 0) end)$$
        when 'list' then $$('list', "this row".list_id)$$
        when 'list_member' then $$('contact', "this row".contact_id)$$
        when 'membership_type' then $$('type', "this row".membership_type_id)$$
        when 'membership' then $$('contact', "this row".contact_id)$$
        when 'relationship' then $$('contact', "this row".individual_id), ('contact', "this row".organization_id)$$
    end;
    side constant text :=
        $$select cause.cause, cause.key, %2$s as said, %3$s as side
          from %1$s as "this row" cross join lateral (values %4$s) as cause (cause, key)$$;
    said constant text := case tg_op when 'UPDATE' then '"this row"::text collate "C"' else 'null::text' end;
    old_side constant text := format(side, 'old_rows', said, -1, causes);
    new_side constant text := format(side, 'new_rows', said, 1, causes);
begin
    if tg_op = 'TRUNCATE' then
        insert into crm.change_log (cause) values ('everything');
        return null;
    end if;
    -- Rows an UPDATE left as they were concern nobody: a list saved unchanged is no cause.
    execute format(
        'insert into crm.change_log (cause, key)
         select distinct cause, key from (
             select cause, key from (%s) as sides where key is not null
             group by cause, key, said having sum(side) <> 0
         ) as changed',
        case tg_op when 'INSERT' then new_side
                   when 'DELETE' then old_side
                   else old_side || ' union all ' || new_side end);
    return null;
-- The CRM's own statement goes on, whatever happens here. A cancelled query is not caught by this: it ends as it
-- should.
exception when others then
    raise log 'crm.log_change on %: SQLSTATE %; everybody will be compared', tg_table_name, sqlstate;
    begin
        insert into crm.change_log (cause) values ('everything');
    exception when others then
        raise warning 'a change of crm.% was not logged: SQLSTATE %; run install/change_log.sql again',
            tg_table_name, sqlstate;
    end;
    return null;
end
$function$;
comment on function crm.log_change() is 'Writes the causes of a statement to crm.change_log, once each';
revoke execute on function crm.log_change() from public;

-- An earlier release noted contacts.
do $block$
begin
    if exists (select from pg_attribute
               where attrelid = to_regclass('crm.change_log') and attname = 'contact_id' and not attisdropped) then
        drop table crm.change_log;
        drop table if exists crm.change_log_horizon;
    end if;
end
$block$;

create table if not exists crm.change_log (
    cause      text        not null check (cause in ('contact', 'list', 'type', 'address', 'everything')),
    key        bigint      check ((key is null) = (cause = 'everything')),
    xid        xid8        not null default pg_current_xact_id(),
    changed_at timestamptz not null default transaction_timestamp()
);
create index if not exists change_log_xid on crm.change_log (xid);
create index if not exists change_log_changed_at on crm.change_log using brin (changed_at);

comment on table crm.change_log is 'What changed in which transaction; pruned by age';
comment on column crm.change_log.cause is
    'contact: itself and, as an organization, its individuals; list: its members; type: who holds such a membership;'
    ' address: who has it; everything: all';
comment on column crm.change_log.key is
    'Id of the contact, list or type, which may be deleted by now; of an address its hash; null for everything';
comment on column crm.change_log.xid is 'The top-level transaction that made the change';
comment on column crm.change_log.changed_at is 'When that transaction began';

create table if not exists crm.change_log_horizon (
    only_row     boolean primary key default true check (only_row),
    pruned_xid   xid8    not null,
    crm_identity text    not null
);
comment on table crm.change_log_horizon is 'How far the change log was pruned; empty while it never was';
comment on column crm.change_log_horizon.only_row is 'Keeps the table at one row';
comment on column crm.change_log_horizon.pruned_xid is
    'The highest transaction id pruned: a cursor from before it has missed changes';
comment on column crm.change_log_horizon.crm_identity is
    'Of which CRM that is a transaction id: after a restore it means nothing';

-- Who has an address, by the key that the log notes.
create index if not exists email_address_key on crm.email_address (hashtextextended(lower(btrim(address)), 0))
    where is_primary;

-- Statement-level triggers with transition tables: one firing and one INSERT per statement, however many rows it
-- changes. A deleted contact, list or type takes its dependants along; their own triggers see those rows too.
-- ALWAYS: under session_replication_role = replica, too. CREATE OR REPLACE takes that back, hence the order.
do $block$
declare
    changed_table text;
    tables constant text[] := array[
        'contact', 'email_address', 'list', 'list_member', 'membership_type', 'membership', 'relationship'
    ];
    triggers constant text[] := array['log_insert', 'log_update', 'log_delete', 'log_truncate'];
    alive_before constant bigint := (
        select count(*) from pg_trigger
        where tgrelid = any (select to_regclass(format('crm.%I', name)) from unnest(tables) as name)
          and tgname = any (triggers) and tgenabled = 'A');
    fires constant text := 'for each statement execute function crm.log_change()';
begin
    foreach changed_table in array tables loop
        execute format('create or replace trigger log_insert after insert on crm.%I
                        referencing new table as new_rows %s', changed_table, fires);
        execute format('create or replace trigger log_update after update on crm.%I
                        referencing old table as old_rows new table as new_rows %s', changed_table, fires);
        execute format('create or replace trigger log_delete after delete on crm.%I
                        referencing old table as old_rows %s', changed_table, fires);
        execute format('create or replace trigger log_truncate before truncate on crm.%I %s', changed_table, fires);
        execute format('alter table crm.%I %s', changed_table,
                       (select string_agg('enable always trigger ' || name, ', ') from unnest(triggers) as name));
    end loop;
    -- What changed before they were there, or while they were off, nobody noted.
    if alive_before < cardinality(tables) * cardinality(triggers) then
        insert into crm.change_log (cause) values ('everything');
    end if;
end
$block$;

-- What the pipeline leaves in the CRM itself after each read, so that an older image of either database gives itself
-- away.
create table if not exists crm.sync_marker (
    provider    text        not null,
    state_id    uuid        not null,
    run_token   uuid        not null,
    at          timestamptz not null default now(),
    primary key (provider, state_id, run_token)
);
comment on table crm.sync_marker is 'The last reads of the pipeline: its next one looks for them';
comment on column crm.sync_marker.provider is 'For which provider the CRM was read';
comment on column crm.sync_marker.state_id is 'Which state database knows the run';
comment on column crm.sync_marker.run_token is 'Made up for that run';
comment on column crm.sync_marker.at is 'When it was written';
