-- A list there belongs to one list of the CRM. Where two had one, the elder keeps it; the other is made anew, and its people, whom a
-- full run finds in the elder's, go where they belong.
update crm_sync.list_holding h set remote_id = null, name = null, retry_at = now()
where exists (
    select from crm_sync.list_holding elder
    where elder.provider = h.provider and elder.remote_id = h.remote_id and elder.list_id < h.list_id);
create unique index list_holding_by_remote_id on crm_sync.list_holding (provider, remote_id) where remote_id is not null;

-- Who somebody is at a provider: its own id for them, which outlives a change of their address. An id that was only the address hashed
-- told nothing more than the address, and is learned anew.
update crm_sync.holding set remote_id = null where remote_id = md5(subject) or remote_id = md5(lower(address));
create index holding_by_remote_id on crm_sync.holding (provider, remote_id) where remote_id is not null;
create index holding_by_own_address on crm_sync.holding (provider, lower(btrim(address))) where lower(btrim(address)) <> subject;
comment on column crm_sync.holding.subject is 'The person as the CRM has them: their address there, trimmed and lower-cased, or their number.';
comment on column crm_sync.holding.address is 'The address at the provider, which is another where the person changed it there.';
comment on column crm_sync.holding.remote_id is 'The provider''s own id of the person, which a change of address leaves as it is; null where it has none, or is not known yet.';

alter table crm_sync.opt_out add column remote_id text, add column contact_ids bigint[];
comment on column crm_sync.opt_out.remote_id is 'The provider''s own id of whoever refused.';
comment on column crm_sync.opt_out.contact_ids is 'Null where the address itself refused there; else it is closed to these contacts, who refused under another address, and to nobody else who comes to have it.';
