-- The last read, unless it is of an older image of the CRM than the one before: that is forgotten when a run has compared everybody.
update crm_sync.cursor set read_marker = %(marker)s
where provider = %(provider)s and (read_marker is null or read_marker::text = any (%(markers)s::text[]))
