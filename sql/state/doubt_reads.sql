-- The ledger learns something that only a recorded run of everybody has decided about.
update crm_sync.cursor set is_whole = false where provider = %(provider)s and is_whole
