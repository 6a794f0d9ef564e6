-- The provider could not be asked when the run opened.
update crm_sync.run set account = %(account)s where run_id = %(run_id)s
