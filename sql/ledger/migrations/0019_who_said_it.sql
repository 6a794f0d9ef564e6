-- What a person said of an account, and who.
alter table crm_sync.account_said add column said text check (said in ('another', 'same')), add column said_by text;
comment on column crm_sync.account_said.said is 'another: not the account that the ledger was of; same: that one, whatever it calls itself.';
