-- Whether a run handles so many contacts that the planner of the statements to come has to know of them.
select exists (select from crm_sync.extracted where run_id = %(run_id)s offset %(most_of_small)s)
    or exists (select from crm_sync.observed where run_id = %(run_id)s offset %(most_of_small)s)
