update crm_sync.run set snapshot = %(snapshot)s, marker = %(marker)s, log_installed = %(log_installed)s, extracted_at = now(), everyone = %(everyone)s
where run_id = %(run_id)s
