-- The token of the run that was opened last. No other is opened before this transaction ends.
select token from crm_sync.fence where provider = %(provider)s for share
