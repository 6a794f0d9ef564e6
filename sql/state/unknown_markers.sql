-- Markers of the CRM that no run known here was about to leave.
select there.token::text from unnest(%(tokens)s::uuid[]) as there (token)
where not exists (select from crm_sync.marker m where m.token = there.token)
