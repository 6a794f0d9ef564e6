-- PostgreSQL's own 4 MB send every sort and join of a run through files. For the transaction alone: behind a pooler others use the same session.
set local work_mem = '64MB'
