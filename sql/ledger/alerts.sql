-- What is wrong, each thing once, until it is over; one alert goes out for it.

-- name: open_alert (provider, kind, airflow_run_id) -> is_to_tell
-- Whether no alert went out for it yet. Something that is over stays open while the message about that could
-- not be sent.
insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in)
values (%(provider)s, %(kind)s, %(airflow_run_id)s, %(airflow_run_id)s)
on conflict (provider, kind) do update set met_again_in = excluded.met_again_in, ended_at = null
returning told_at is null as is_to_tell;

-- name: note_told (provider, kind, untold) -> rows touched
-- The alert went out, unless untold says why it did not.
update crm_sync.alert set told_at = case when %(untold)s::text = '' then now() end, untold = nullif(%(untold)s, '')
where provider = %(provider)s and kind = %(kind)s;

-- name: end_alerts (provider, kinds, before) -> kind, since, lasted, is_told
-- A run that had ended before something went wrong says nothing about it.
update crm_sync.alert set ended_at = coalesce(ended_at, now())
where provider = %(provider)s and kind = any (%(kinds)s) and since < coalesce(%(before)s::timestamptz, 'infinity')
returning kind, since, ended_at - since as lasted, told_at is not null as is_told;

-- name: forget_ended (provider, is_told) -> rows touched
-- What has ended goes: where people know so now (is_told), or never knew of it.
delete from crm_sync.alert
where provider = %(provider)s and ended_at is not null and (%(is_told)s or told_at is null);

-- name: open_alerts (provider) -> kind, since, lasted
select kind, since, now() - since as lasted from crm_sync.alert
where provider = %(provider)s and ended_at is null order by since, kind;

-- name: alerts_met_in_run (provider, airflow_run_id) -> count
-- Why a run failed, as the alert said, even if a later run has met the same since; the other kinds are no failure.
select count(*) from crm_sync.alert
where provider = %(provider)s and %(airflow_run_id)s in (airflow_run_id, met_again_in) and told_at is not null
    and kind in ('load_failed', 'connection_lost');

-- name: forget_decision (provider, airflow_run_id) -> rows touched
-- The alert was about a question that another has replaced: a new one goes out for this one, with its link.
delete from crm_sync.alert
where provider = %(provider)s and kind = 'brake_waiting' and airflow_run_id <> %(airflow_run_id)s;

-- name: records_waiting (provider) -> many, reasons
-- Subscribers and lists whose own calls fail: how many, and why.
select coalesce(sum(records), 0)::bigint as many,
       string_agg(format('%s (%s)', reason, records), ', ' order by records desc, reason) as reasons
from (
    select coalesce(reason, 'no reason') as reason, count(*) as records
    from (
        select reason from crm_sync.holding where provider = %(provider)s and tries > 0
        union all
        select reason from crm_sync.list_holding where provider = %(provider)s and tries > 0
    ) waiting
    group by 1
) counted;

-- name: opt_outs_unwritten (provider) -> many, reasons
-- Opt-outs of a provider that the CRM does not take: of how many people, and why.
select coalesce(sum(people), 0)::bigint as many,
       string_agg(format('%s (%s)', reason, people), ', ' order by people desc, reason) as reasons
from (
    select reason, count(*) as people
    from (select distinct on (contact_id) contact_id, reason from crm_sync.unwritten_opt_out
          where provider = %(provider)s order by 1, 2) of_people
    group by reason
) counted;

-- name: refusals (run_id) -> answered, refused, reasons
-- How many operations of an ended run the provider answered, how many of them it refused, and the three main reasons.
select coalesce(sum(operations) filter (where status in ('applied', 'refused')), 0)::bigint as answered,
       coalesce(sum(operations) filter (where status = 'refused'), 0)::bigint as refused,
       (
           select string_agg(format('%s (%s)', reason, times), ', ' order by times desc, reason) from (
               select coalesce(reason, 'no reason') as reason, sum(operations) as times from crm_sync.run_tally
               where run_id = %(run_id)s and status = 'refused' group by 1 order by 2 desc, 1 limit 3
           ) most
       ) as reasons
from crm_sync.run_tally where run_id = %(run_id)s;
