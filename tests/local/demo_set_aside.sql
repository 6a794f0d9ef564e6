-- Whom a run left out because their data is not fit to be sent, by reason.
SELECT reason, sum(contacts)
FROM crm_sync.set_aside_counts
WHERE run_id = %(run_id)s
GROUP BY reason
ORDER BY sum(contacts) DESC, reason;
