-- After reading back: a list that is gone there is forgotten here, so that it is made again.
delete from crm_sync.list_holding h
where h.provider = %(provider)s and h.remote_id is not null
  and not exists (select from crm_sync.observed_list o where o.run_id = %(run_id)s and o.remote_id = h.remote_id)
