-- Statistics that PostgreSQL's planner needs about what a large run has just written.

-- name: extracted () -> nothing
-- What transform joins was written a moment ago. Here and in the other three, only the columns that statements join
-- and filter by: to sample arrays, JSON and names, which none does, took most of the time, and all of it again for
-- every small run.
analyze crm_sync.extracted (run_id, contact_id, subscriber_key), crm_sync.set_aside;

-- name: run () -> nothing
-- The planner of the queries to come would take what the stages before just wrote for one row, and compare everybody
-- with everybody.
analyze crm_sync.desired (run_id, subscriber_key, contact_id), crm_sync.scope_subscriber,
    crm_sync.extracted (run_id, contact_id, subscriber_key), crm_sync.observed (run_id, subscriber_key);

-- name: holdings () -> nothing
-- A large run has just written them: its answers, or what a full run found at the provider.
analyze crm_sync.holding (provider, subscriber_key, contact_id, state);

-- name: operations () -> nothing
-- Right after a large plan was written, the planner of the load's queries would know nothing of it.
analyze crm_sync.planned_operation (run_id, provider, verb, subscriber_key);
