-- The plan of the run is held by that question.
update crm_sync.run set question_id = %(question_id)s where run_id = %(run_id)s
