-- What was heard before accounts were known was heard in the one before. Opt-outs stay, whatever account answers.
update crm_sync.opt_out set account = c.account from crm_sync.cursor c
where c.provider = %(provider)s and opt_out.provider = c.provider and opt_out.account is null
