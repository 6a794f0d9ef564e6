-- A list that was never made there and is not wanted any more leaves no trace.
delete from crm_sync.list_holding h
where h.provider = %(provider)s and h.remote_id is null
  and not exists (select from crm_sync.extracted_list e where e.run_id = %(run_id)s and e.list_id = h.list_id)
