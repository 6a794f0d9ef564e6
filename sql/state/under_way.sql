-- Operations whose work goes on at the provider.
select count(*) from crm_sync.operation
where run_id = %(run_id)s and is_unfolded and ticket is not null and status = 'sent'
  and exists (select from crm_sync.call where run_id = %(run_id)s and ticket is not null and answered_at is null)
