-- A stage says that it is complete, for this opening of the run; one that is made again says so anew.
insert into crm_sync.stage_stamp (run_id, stage, token) values (%(run_id)s, %(stage)s, %(token)s)
on conflict (run_id, stage) do update set token = excluded.token, completed_at = now()
