-- After reading back, nothing is in doubt any more.
update crm_sync.holding set unanswered_verb = null, unanswered_lists = '{}'
where provider = %(provider)s and (unanswered_verb is not null or unanswered_lists <> '{}')
