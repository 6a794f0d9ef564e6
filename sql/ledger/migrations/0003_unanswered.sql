-- What was sent and never answered: the provider may hold it or not, until a later answer, or a full run, says so.

alter table crm_sync.holding add column unanswered_verb text, add column unanswered_lists bigint[] not null default '{}';
comment on column crm_sync.holding.unanswered_verb is 'The last call about the subscriber that nobody saw answered; null where all were.';
comment on column crm_sync.holding.unanswered_lists is 'Lists that the subscriber was being put into or taken out of when the answer was lost: in or out, nobody knows.';
