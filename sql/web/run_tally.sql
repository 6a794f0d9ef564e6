-- What a run that has ended did, from its kept counts.
select verb, list_id, list_name, cause, status, reason, operations, first_id, last_id from crm_sync.run_tally
where run_id = %(run_id)s order by verb, list_name, cause, status, reason
