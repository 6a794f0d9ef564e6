-- Calls of the present day, UTC, to providers that count them.
select provider, calls from crm_sync.calls where provider = any (%(providers)s::text[]) and day = (now() at time zone 'UTC')::date
