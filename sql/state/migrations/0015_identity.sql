-- A list there belongs to one list of the CRM. Where two had one, the elder keeps it; the other is made anew, and its people, whom a
-- full run finds in the elder's, go where they belong.
update crm_sync.list_holding h set remote_id = null, name = null, retry_at = now()
where exists (
    select from crm_sync.list_holding elder
    where elder.provider = h.provider and elder.remote_id = h.remote_id and elder.list_id < h.list_id);
create unique index list_holding_by_remote_id on crm_sync.list_holding (provider, remote_id) where remote_id is not null;
