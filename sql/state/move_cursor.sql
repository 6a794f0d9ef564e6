-- The next run begins where this one read the CRM, and rests on the same.
insert into crm_sync.cursor as c (provider, snapshot, crm_identity, marker, read_marker, log_installed, run_id, account, fingerprint, held_back, compared_at, is_whole)
select provider, snapshot, crm_identity, marker, marker, log_installed, run_id, account, fingerprint, held_back,
       case when mode in ('full', 'compare') then extracted_at end, everyone
from crm_sync.run where run_id = %(run_id)s
on conflict (provider) do update
    set snapshot = excluded.snapshot, crm_identity = excluded.crm_identity, marker = excluded.marker, read_marker = excluded.marker, log_installed = excluded.log_installed,
        run_id = excluded.run_id, account = coalesce(excluded.account, c.account), fingerprint = excluded.fingerprint,
        held_back = excluded.held_back, compared_at = coalesce(excluded.compared_at, c.compared_at),
        is_whole = c.is_whole or excluded.is_whole
