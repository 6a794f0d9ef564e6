-- Of some subscribers those of whom the ledger has anything: what was once asked for them may have had its effect, answered or not.
select subject from crm_sync.holding where provider = %(provider)s and subject = any (%(subjects)s::text[])
