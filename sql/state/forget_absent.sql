delete from crm_sync.holding where provider = %(provider)s and subject = %(subject)s and state = 'absent'
