-- Takes everything of the pipeline's out of Tendenci's database; no data is lost, since there is none. Before an
-- upgrade of Tendenci, which views.sql follows, or for good.

drop schema if exists crm cascade;
