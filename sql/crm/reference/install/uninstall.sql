-- Takes out of the CRM all that change_log.sql and roles.sql put there, and no row of the CRM's own. Pause the DAGs
-- first; run it as the owner of the tables, and as somebody who may drop roles. May be run again.

do $block$
declare
    changed_table text;
    fired text;
begin
    for changed_table, fired in
        select tgrelid::regclass::text, tgname from pg_trigger where tgfoid = to_regprocedure('crm.log_change()')
    loop
        execute format('drop trigger %I on %s', fired, changed_table);
    end loop;
end
$block$;

drop function if exists crm.log_change();
drop index if exists crm.email_address_key;
drop table if exists crm.change_log, crm.change_log_horizon, crm.sync_marker;

-- A role belongs to all databases of the server: another one may still need it.
do $block$
begin
    if exists (select from pg_roles where rolname = 'crm_sync_pipeline') then
        drop owned by crm_sync_pipeline;
        begin
            drop role crm_sync_pipeline;
        exception when dependent_objects_still_exist then
            raise notice 'the role crm_sync_pipeline has rights in another database of this server, and stays';
        end;
    end if;
end
$block$;
