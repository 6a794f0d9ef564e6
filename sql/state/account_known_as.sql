-- What a person has said of the account that answers so.
select known_as from crm_sync.account_said where provider = %(provider)s and answers = %(answers)s
