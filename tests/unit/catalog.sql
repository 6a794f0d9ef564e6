-- All that the schema crm_sync has: kind, name, and what it is.
select 'column', relation.relname || '.' || attname,
       concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attidentity,
                 attgenerated, col_description(relation.oid, attnum))
from pg_class as relation
join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
left join pg_attrdef on adrelid = relation.oid and adnum = attnum
where relnamespace = 'crm_sync'::regnamespace and relkind in ('r', 'v')
union all
select 'relation', relname, concat(reloptions, ': ', obj_description(oid, 'pg_class'))
from pg_class where relnamespace = 'crm_sync'::regnamespace and relkind in ('r', 'v')
union all
select 'sequence', sequencename, concat_ws(' ', data_type, start_value, increment_by, cycle)
from pg_sequences where schemaname = 'crm_sync'
union all
select 'constraint', concat_ws(' ', conrelid::regclass, conname), pg_get_constraintdef(oid)
from pg_constraint where connamespace = 'crm_sync'::regnamespace and contype <> 'n'
union all
select 'index', indexname, indexdef from pg_indexes where schemaname = 'crm_sync'
union all
select 'view', viewname, definition from pg_views where schemaname = 'crm_sync'
union all
select 'function', oid::regprocedure::text, concat_ws(' ', pg_get_functiondef(oid), obj_description(oid, 'pg_proc'))
from pg_proc where pronamespace = 'crm_sync'::regnamespace
union all
select 'trigger', concat_ws(' ', tgrelid::regclass, tgname), pg_get_triggerdef(pg_trigger.oid)
from pg_trigger join pg_class on pg_class.oid = tgrelid
where not tgisinternal and relnamespace = 'crm_sync'::regnamespace
