-- Takes everything of the pipeline's out of the database; no data is lost, since there is none.

drop schema if exists crm cascade;
