-- Markers that no later read asks for.
delete from crm_sync.marker m
where m.made_at < %(before)s and not exists (select from crm_sync.cursor c where m.token in (c.marker, c.read_marker))
