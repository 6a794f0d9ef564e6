-- A refusal of an address that is about to be somebody's: one row has it.
delete from crm_sync.holding where provider = %(provider)s and subject = %(subject)s and state = 'absent'
