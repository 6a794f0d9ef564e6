-- Whoever chose another address there is known by that one from now on, and is decided about by it in this run.
with scoped as (
    insert into crm_sync.scope_subject (run_id, subject) values (%(run_id)s, %(there)s) on conflict do nothing
)
update crm_sync.holding set subject = %(there)s where provider = %(provider)s and subject = %(subject)s
