-- A full run saw the person subscribed there again: by their own will, for the pipeline never does it. An address that was closed for the
-- sake of a person is not opened by somebody else who has it now. What was said in another
-- account stands.
with lifted as (
    update crm_sync.opt_out o set lifted_at = now()
    from crm_sync.observed v
    join crm_sync.run r using (run_id)
    where o.provider = %(provider)s and o.lifted_at is null and v.run_id = %(run_id)s and v.status = 'subscribed'
      and (v.remote_id = o.remote_id or (o.contact_ids is null and v.subject = o.subject))
      and coalesce(o.account = r.account, true)
    returning o.provider, o.subject
)
delete from crm_sync.unwritten_opt_out u using lifted l where u.provider = l.provider and u.subject = l.subject
