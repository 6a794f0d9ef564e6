-- How long this transaction waits for a row that somebody else has locked, unless the CRM allows less.
--
-- Parameters  milliseconds  integer
SELECT set_config('lock_timeout', %(milliseconds)s::integer::text, true)
FROM pg_settings
WHERE name = 'lock_timeout' AND (setting::integer = 0 OR setting::integer > %(milliseconds)s)
