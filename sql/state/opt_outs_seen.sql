-- Whoever is unsubscribed or bouncing there, and was not disabled there by us, has opted out.
-- Ours: the ledger says suppressed, or a suppression was sent whose answer was never recorded.
insert into crm_sync.opt_out (provider, subject, reason, run_id, crm_written_at)
select %(provider)s, seen.subject, seen.reason, %(run_id)s, case when seen.reason = 'cleaned' then now() end
from (select distinct on (subject) * from unnest(%(subjects)s::text[], %(reasons)s::text[]) as s (subject, reason) order by subject, reason desc) seen
left join crm_sync.holding h on h.provider = %(provider)s and h.subject = seen.subject
where coalesce(h.state, '') <> 'suppressed'
  and not (seen.reason = 'unsubscribed' and exists (
        select from crm_sync.operation o left join crm_sync.run r using (run_id)
        where o.provider = %(provider)s and o.subject = seen.subject and o.verb = 'suppress' and o.status in ('sent', 'applied', 'deferred')
          and o.sent_at is not null
          -- What the ledger has learned since, it says.
          and (o.operation_id > coalesce(r.folded_to, 0) or h.state is distinct from 'active' or h.unanswered_verb is not null)
          and not exists (
              select from crm_sync.operation later
              where later.provider = %(provider)s and later.subject = o.subject and later.operation_id > o.operation_id
                and later.verb in ('create', 'enable') and later.status = 'applied')))
on conflict (provider, subject) do update
    set reason = excluded.reason, seen_at = now(), run_id = excluded.run_id, lifted_at = null, crm_written_at = excluded.crm_written_at
    where opt_out.lifted_at is not null
       or (opt_out.reason = 'cleaned' and excluded.reason = 'unsubscribed')
