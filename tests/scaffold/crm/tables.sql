-- The CRM's tables, as far as the views read them, with the constraints that matter.

create table person (
    id bigserial primary key, first_name text, last_name text, email text not null default '',
    wants_no_mail boolean not null default false, is_deleted boolean not null default false
);
create table newsletter (
    id bigserial primary key, title text not null, is_open boolean not null default true
);
create table subscription (
    newsletter_id bigint not null references newsletter on delete cascade,
    person_id bigint not null references person on delete cascade,
    is_cancelled boolean not null default false, since date not null default current_date,
    primary key (newsletter_id, person_id)
);
create table grade (
    id bigserial primary key, title text not null
);
create table dues (
    id bigserial primary key, person_id bigint not null references person on delete cascade,
    grade_id bigint not null references grade, is_paid boolean not null default true,
    since date not null default current_date
);
