-- What a comparison sees of each contact; gone with its transaction.
create temporary table seen (contact_id bigint not null, row_hash uuid not null) on commit drop
