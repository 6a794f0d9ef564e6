-- Contacts that a run set aside, by reason.
select reason, contacts from crm_sync.set_aside_counts where run_id = %(run_id)s order by contacts desc, reason
