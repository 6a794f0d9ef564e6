-- A run's operations by verb and outcome.
SELECT verb, status, coalesce(reason, ''), sum(operations)
FROM crm_sync.operation_counts
WHERE run_id = %(run_id)s
GROUP BY verb, status, reason
ORDER BY verb, status, reason;
