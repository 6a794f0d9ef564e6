update crm_sync.run set notice = concat_ws('; ', notice, %(notice)s::text)
where run_id = %(run_id)s and position(%(notice)s::text in coalesce(notice, '')) = 0
