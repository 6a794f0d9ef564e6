-- A stage that is run again, and all that rest on it, are not complete until they say so.
delete from crm_sync.stage_stamp where run_id = %(run_id)s and stage = any (%(stages)s::text[])
