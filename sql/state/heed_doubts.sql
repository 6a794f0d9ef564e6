-- now: by the clock of this run, which looks a moment later for whom it must try again.
-- What a load that was followed by a later run did after all: asked again, as if its answers had been lost.
with heard as (
    delete from crm_sync.doubt where provider = %(provider)s returning *
), lists as (
    update crm_sync.list_holding l set name = null, retry_at = %(now)s from heard
    where heard.subject is null and l.provider = heard.provider and l.list_id = heard.list_id
), people as (
    select provider, subject, max(contact_id) as contact_id, max(address) as address, max(verb) as verb,
           coalesce(array_agg(distinct list_id order by list_id) filter (where list_id is not null), '{}') as lists
    from (
        select provider, subject, contact_id, address, case when list_id is null then verb end as verb, list_id from heard where subject is not null
        union all
        select provider, from_subject, contact_id, address, verb, null from heard where from_subject is not null
    ) each
    group by provider, subject
)
insert into crm_sync.holding as h (provider, subject, contact_id, address, state, unanswered_verb, unanswered_lists, retry_at)
select provider, subject, contact_id, coalesce(address, subject), 'absent', verb, lists, %(now)s from people
on conflict (provider, subject) do update
    set unanswered_verb = coalesce(excluded.unanswered_verb, h.unanswered_verb),
        unanswered_lists = array(select distinct unnest(h.unanswered_lists || excluded.unanswered_lists) order by 1), retry_at = %(now)s
