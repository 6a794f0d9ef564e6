-- What the data team reads: plain names over the ledger and its log.

create view crm_sync.operation_counts as
    select o.run_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.name) as list_name, o.status, o.reason, count(*) as operations
    from crm_sync.operation o
    left join crm_sync.list_holding l using (provider, list_id)
    group by o.run_id, o.provider, o.verb, o.list_id, coalesce(o.list_name, l.name), o.status, o.reason;
comment on view crm_sync.operation_counts is 'How many operations of each kind a run planned, by list, outcome and reason.';

create view crm_sync.set_aside_counts as
    select run_id, provider, reason, count(*) as contacts from crm_sync.set_aside group by run_id, provider, reason;
comment on view crm_sync.set_aside_counts is 'How many contacts a run set aside, by reason.';

create view crm_sync.run_summary as
    select r.run_id, r.provider, r.mode, r.dry_run, r.airflow_run_id, r.opened_at as started_at, r.finished_at, r.state, r.notice,
           coalesce(o.planned, 0) as planned, coalesce(o.applied, 0) as applied, coalesce(o.refused, 0) as refused,
           coalesce(o.deferred, 0) as deferred, coalesce(o.unsettled, 0) as unsettled, coalesce(s.set_aside, 0) as set_aside
    from crm_sync.run r
    left join lateral (
        select count(*) as planned,
               count(*) filter (where status = 'applied') as applied,
               count(*) filter (where status = 'refused') as refused,
               count(*) filter (where status = 'deferred') as deferred,
               count(*) filter (where status in ('pending', 'sent')) as unsettled
        from crm_sync.operation where run_id = r.run_id
    ) o on true
    left join lateral (select count(*) as set_aside from crm_sync.set_aside where run_id = r.run_id) s on true;
comment on view crm_sync.run_summary is 'One row for each run: what it planned and what became of it.';

create view crm_sync.exceptions as
    select provider, 'subscriber' as what, contact_id, subject, null::bigint as list_id, coalesce(reason, state) as reason, refused_at as since
    from crm_sync.holding where reason is not null or state in ('opted_out', 'cleaned', 'pending')
    union all
    -- A preview, or a run that failed, looked at the same rows once more; that is no second exception.
    select s.provider, 'contact', s.contact_id, null, null, s.reason, min(s.set_aside_at)
    from crm_sync.set_aside s left join crm_sync.run r using (run_id)
    where s.resolved_at is null and coalesce(r.state, '') not in ('failed', 'previewed')
    group by s.provider, s.contact_id, s.reason
    union all
    select provider, 'list', null, null, list_id, reason, null from crm_sync.list_holding where reason is not null;
comment on view crm_sync.exceptions is 'Whom or what a provider does not hold as the CRM says, now, and why.';

create view crm_sync.person_history as
    select operation_id, contact_id, provider, subject, verb, list_id, status, reason, cause, planned_at, settled_at, run_id
    from crm_sync.operation
    where subject is not null;
comment on view crm_sync.person_history is 'Everything asked of a provider about a person; filter by contact_id or subject.';

create view crm_sync.people_per_list as
    select l.provider, l.list_id, l.name as list_name, count(h.subject) as people
    from crm_sync.list_holding l
    left join crm_sync.holding h on h.provider = l.provider and h.state = 'active' and l.list_id = any (h.lists)
    group by l.provider, l.list_id, l.name;
comment on view crm_sync.people_per_list is 'How many active subscribers each list holds at each provider, by the ledger.';
