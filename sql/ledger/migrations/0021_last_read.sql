-- What a run sends rests on the CRM that it read, also where the brake held its plan or it failed, and the next one begins where it began.
alter table crm_sync.cursor add column read_marker uuid;
comment on column crm_sync.cursor.read_marker is 'The marker of the last read of the CRM, whatever became of its run: a CRM without it is an older image. It stays while such an image has not been compared.';
update crm_sync.cursor set read_marker = marker;

alter table crm_sync.question add column account text;
comment on column crm_sync.question.account is 'The account that the plan was made for; null where it was not known.';
update crm_sync.question q set account = r.account from crm_sync.run r where r.run_id = q.run_id;
