-- The time by the clock of the state database.
select clock_timestamp()
