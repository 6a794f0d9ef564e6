-- Whoever was refused for what another person had there is due in each run that brings changes of anybody.
update crm_sync.holding set retry_at = %(now)s
where provider = %(provider)s and reason = any (%(reasons)s::text[])
