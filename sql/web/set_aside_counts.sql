-- Contacts set aside now, by reason. A preview, or a run that failed, looked at the same rows once more.
select s.provider, s.reason, s.holds_back, count(distinct s.contact_id) as people
from crm_sync.set_aside s
left join crm_sync.run r using (run_id)
where s.resolved_at is null and s.provider = any (%(providers)s::text[]) and coalesce(r.state, '') not in ('failed', 'previewed')
group by s.provider, s.reason, s.holds_back
order by s.provider, people desc, s.reason
