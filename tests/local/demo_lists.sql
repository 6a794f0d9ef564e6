-- How many people each synchronized list holds at the provider, by the ledger.
SELECT list_name, people
FROM crm_sync.people_per_list
WHERE provider = %(provider)s
ORDER BY people DESC, list_name;
