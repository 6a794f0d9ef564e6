-- Whoever is unsubscribed or bouncing there, and was not disabled there by us, has opted out: of the address they are there by, and,
-- known by id, of the one that the CRM has of them, for as long as it is theirs.
-- Ours: the ledger says suppressed, and nobody was enabled since, or a suppression was sent whose answer was never recorded.
with seen as (
    select distinct on (subject) subject, reason, nullif(remote_id, '') as remote_id
    from unnest(%(subjects)s::text[], %(reasons)s::text[], %(remote_ids)s::text[]) as s (subject, reason, remote_id)
    order by subject, reason desc
), whose as (
    select s.subject, s.reason, s.remote_id, h.subject as held_as, h.contact_ids
    from seen s
    left join lateral (
        select subject, state, unanswered_verb, contact_ids from crm_sync.holding where provider = %(provider)s and remote_id = s.remote_id
        union
        -- By the address, where that person is not known to be somebody else.
        select h.subject, h.state, h.unanswered_verb, h.contact_ids from crm_sync.holding h
        where h.provider = %(provider)s and h.subject = s.subject
          and (h.remote_id is null or s.remote_id is null or h.remote_id = s.remote_id
               or not exists (select from crm_sync.holding i where i.provider = h.provider and i.remote_id = s.remote_id))
    ) h on true
    where (coalesce(h.state, '') <> 'suppressed'
           or exists (select from crm_sync.unfolded e where e.provider = %(provider)s and e.subject = h.subject
                        and e.verb in ('create', 'enable') and e.status = 'applied'))
      and not (s.reason = 'unsubscribed' and exists (
            select from crm_sync.operation o left join crm_sync.run r using (run_id)
            where o.provider = %(provider)s and o.subject = coalesce(h.subject, s.subject) and o.verb = 'suppress' and o.status in ('sent', 'applied', 'deferred')
              and o.sent_at is not null
              -- In this account, as far as that is known.
              and coalesce(r.account = (select account from crm_sync.run where run_id = %(run_id)s), true)
              -- What the ledger has learned since, it says.
              and (o.operation_id > coalesce(r.folded_to, 0) or h.state is distinct from 'active' or h.unanswered_verb is not null)
              and not exists (
                  select from crm_sync.operation later
                  where later.provider = %(provider)s and later.subject = o.subject and later.operation_id > o.operation_id
                    and later.verb in ('create', 'enable') and later.status = 'applied')))
), closed as (
    select distinct on (subject) subject, reason, remote_id, contact_ids
    from (
        select subject, reason, remote_id, null::bigint[] as contact_ids from whose
        union all
        select held_as, reason, remote_id, contact_ids from whose where held_as <> subject
    ) both_ways
    order by subject, contact_ids nulls first
)
insert into crm_sync.opt_out as o (provider, subject, reason, remote_id, contact_ids, run_id, account, crm_written_at)
select %(provider)s, subject, reason, remote_id, contact_ids, %(run_id)s,
       (select account from crm_sync.run where run_id = %(run_id)s), case when reason = 'cleaned' then now() end from closed
on conflict (provider, subject) do update
    set reason = case when o.lifted_at is null and o.reason = 'unsubscribed' then o.reason else excluded.reason end,
        remote_id = coalesce(excluded.remote_id, o.remote_id), seen_at = now(), run_id = excluded.run_id, lifted_at = null,
        account = case when o.lifted_at is null then o.account else excluded.account end,
        crm_written_at = case when o.lifted_at is null and o.reason = 'unsubscribed' and excluded.reason = 'cleaned' then o.crm_written_at
                              else excluded.crm_written_at end,
        contact_ids = case when o.lifted_at is not null then excluded.contact_ids
                           when excluded.contact_ids is not null then array(select distinct unnest(o.contact_ids || excluded.contact_ids) order by 1) end
    where o.lifted_at is not null
       or (o.reason = 'cleaned' and excluded.reason = 'unsubscribed')
       -- What was closed to one person is closed to another as well, or to all.
       or (o.contact_ids is not null and not coalesce(excluded.contact_ids <@ o.contact_ids, false))
