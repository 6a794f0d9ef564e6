-- A run that had ended before something went wrong says nothing about it.
delete from crm_sync.alert
where provider = %(provider)s and kind = any (%(kinds)s) and since < coalesce(%(before)s::timestamptz, 'infinity')
returning kind, since, now() - since as lasted
