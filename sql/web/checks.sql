-- What each account said when it was last asked who it is.
select provider, value, at from crm_sync.remembered where provider = any (%(providers)s::text[]) and kind = 'account_check'
