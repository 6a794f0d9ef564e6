-- A marker that the CRM is going to have; made up here, so that it is known here first.
insert into crm_sync.marker (provider, run_id) values (%(provider)s, %(run_id)s) returning token::text
