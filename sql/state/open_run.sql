insert into crm_sync.run (provider, airflow_run_id, mode, dry_run, allow_removals, since, until, notice, crm_identity, token, account, fingerprint, do_not_contact_scope)
values (%(provider)s, %(airflow_run_id)s, %(mode)s, %(dry_run)s, %(allow_removals)s, %(since)s, %(until)s, %(notice)s,
        %(crm_identity)s, %(token)s, nullif(%(account)s, ''), %(fingerprint)s, %(do_not_contact_scope)s)
on conflict (provider, airflow_run_id) do update
    set mode = excluded.mode, dry_run = excluded.dry_run, allow_removals = excluded.allow_removals,
        since = excluded.since, until = excluded.until, notice = excluded.notice,
        crm_identity = excluded.crm_identity, token = excluded.token, account = excluded.account, fingerprint = excluded.fingerprint, do_not_contact_scope = excluded.do_not_contact_scope,
        state = 'open', marker = null, log_installed = null, opened_at = now(), extracted_at = null, finished_at = null,
        allowed = '{}', allowed_by = null, question_id = null, everyone = false
returning run_id
