-- Why a contact's data stands set aside, by provider.
select s.provider, s.reason, bool_or(s.holds_back) as holds_back, min(s.set_aside_at) as since
from crm_sync.set_aside s
left join crm_sync.run r using (run_id)
where s.contact_id = %(contact_id)s and s.resolved_at is null and s.provider = any (%(providers)s::text[])
  and coalesce(r.state, '') not in ('failed', 'previewed')
group by s.provider, s.reason
order by s.provider, s.reason
