-- Whether a person is to decide about a plan of the provider.
select exists (select from crm_sync.question where provider = %(provider)s and status = 'open')
