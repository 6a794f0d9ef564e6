-- A page gives up before a person does, and leaves no work behind.
set local statement_timeout = '10s'
