-- Forgets the markers of reads before the last one that counts.
--
-- Parameters  provider, state_id, run_token   of the read that counts
DELETE FROM crm.sync_marker AS earlier USING crm.sync_marker AS last
WHERE last.provider = %(provider)s AND last.state_id = %(state_id)s AND last.run_token = %(run_token)s
  AND earlier.provider = last.provider AND earlier.state_id = last.state_id AND earlier.run_token <> last.run_token
  AND earlier.at <= last.at
