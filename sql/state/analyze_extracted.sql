-- What transform joins was written a moment ago. Here and in the other three, only the columns that statements join and filter by: to
-- sample arrays, JSON and names, which none does, took most of the time, and all of it again for every small run.
analyze crm_sync.extracted (run_id, contact_id, subject), crm_sync.set_aside
