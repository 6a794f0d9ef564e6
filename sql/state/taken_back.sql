update crm_sync.question set taken_back = true where question_id = %(question_id)s
