-- What every transaction needs in a CRM that is in MariaDB or MySQL; PostgreSQL's own are in session.sql.

-- name: begin_session () -> nothing
-- Of each new connection, so that no setting of the server or of the CRM's own application changes what is read: times
-- in UTC, aggregated texts in full (by default they are cut, silently), and time for a long read. MySQL leaves out what
-- is MariaDB's alone.
set session time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
    group_concat_max_len = 1073741824, net_write_timeout = 3600 /*M!100101 , max_statement_time = 0 */;

-- name: begin () -> nothing
-- Everything is read as of now, also in tables that are read later.
start transaction with consistent snapshot, read only;

-- name: limit_time () -> nothing
-- A page gives up before a person does. It has connections of its own.
set session /*M!100101 max_statement_time = 10, */ net_write_timeout = 60;

-- name: moment () -> clock_timestamp
-- The time by the clock of the server.
select utc_timestamp(6) as clock_timestamp;
