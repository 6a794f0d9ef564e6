-- Note who looked at whom.
insert into crm_sync.looked_at (who, contact_id, what) select %(who)s, unnest(%(contact_ids)s::bigint[]), %(what)s
