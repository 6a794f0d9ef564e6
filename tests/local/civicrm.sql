-- The tables of CiviCRM that the pipeline's statements read, with the columns that they name and the foreign keys that
-- matter: made from schema/*.entityType.php of civicrm-core.

create table civicrm_contact (
    id int unsigned not null auto_increment primary key, contact_type varchar(64), first_name varchar(64),
    last_name varchar(64), organization_name varchar(128), job_title varchar(255), employer_id int unsigned,
    do_not_email tinyint not null default 0, is_opt_out tinyint not null default 0,
    is_deceased tinyint not null default 0, is_deleted tinyint not null default 0,
    constraint foreign key (employer_id) references civicrm_contact (id) on delete set null
) engine=InnoDB;
create table civicrm_email (
    id int unsigned not null auto_increment primary key, contact_id int unsigned, email varchar(254),
    is_primary tinyint not null default 0, is_bulkmail tinyint not null default 0,
    on_hold int unsigned not null default 0, key UI_email (email),
    constraint foreign key (contact_id) references civicrm_contact (id) on delete cascade
) engine=InnoDB;
create table civicrm_phone (
    id int unsigned not null auto_increment primary key, contact_id int unsigned, phone varchar(32),
    is_primary tinyint not null default 0,
    constraint foreign key (contact_id) references civicrm_contact (id) on delete cascade
) engine=InnoDB;
create table civicrm_website (
    id int unsigned not null auto_increment primary key, contact_id int unsigned, url varchar(128),
    constraint foreign key (contact_id) references civicrm_contact (id) on delete cascade
) engine=InnoDB;
create table civicrm_country (
    id int unsigned not null auto_increment primary key, name varchar(64), iso_code char(2)
) engine=InnoDB;
create table civicrm_state_province (
    id int unsigned not null auto_increment primary key, name varchar(64), abbreviation varchar(4)
) engine=InnoDB;
create table civicrm_address (
    id int unsigned not null auto_increment primary key, contact_id int unsigned, is_primary tinyint not null default 0,
    street_address varchar(96), supplemental_address_1 varchar(96), city varchar(64), postal_code varchar(64),
    state_province_id int unsigned, country_id int unsigned,
    constraint foreign key (contact_id) references civicrm_contact (id) on delete cascade
) engine=InnoDB;
create table civicrm_option_group (
    id int unsigned not null auto_increment primary key, name varchar(64) not null unique
) engine=InnoDB;
create table civicrm_option_value (
    id int unsigned not null auto_increment primary key, option_group_id int unsigned not null, name varchar(255),
    value varchar(512) not null
) engine=InnoDB;
create table civicrm_group (
    id int unsigned not null auto_increment primary key, name varchar(64) not null unique,
    title varchar(255) not null unique, frontend_title varchar(255) not null, saved_search_id int unsigned,
    is_active tinyint not null default 1, is_hidden tinyint not null default 0, group_type varchar(128)
) engine=InnoDB;
create table civicrm_group_contact (
    id int unsigned not null auto_increment primary key, group_id int unsigned not null,
    contact_id int unsigned not null, status varchar(8), unique key UI_contact_group (contact_id, group_id),
    constraint foreign key (group_id) references civicrm_group (id) on delete cascade,
    constraint foreign key (contact_id) references civicrm_contact (id) on delete cascade
) engine=InnoDB;
create table civicrm_relationship_type (
    id int unsigned not null auto_increment primary key, name_a_b varchar(64), name_b_a varchar(64)
) engine=InnoDB;
create table civicrm_relationship (
    id int unsigned not null auto_increment primary key, contact_id_a int unsigned not null,
    contact_id_b int unsigned not null, relationship_type_id int unsigned not null, start_date date, end_date date,
    is_active tinyint not null default 1,
    constraint foreign key (contact_id_a) references civicrm_contact (id) on delete cascade,
    constraint foreign key (contact_id_b) references civicrm_contact (id) on delete cascade
) engine=InnoDB;
create table civicrm_membership_type (
    id int unsigned not null auto_increment primary key, name varchar(128) not null
) engine=InnoDB;
create table civicrm_membership_status (
    id int unsigned not null auto_increment primary key, name varchar(128) not null,
    is_current_member tinyint not null default 0
) engine=InnoDB;
create table civicrm_membership (
    id int unsigned not null auto_increment primary key, contact_id int unsigned not null,
    membership_type_id int unsigned not null, join_date date, end_date date, status_id int unsigned not null,
    owner_membership_id int unsigned, is_test tinyint not null default 0,
    constraint foreign key (contact_id) references civicrm_contact (id) on delete cascade,
    constraint foreign key (owner_membership_id) references civicrm_membership (id) on delete set null
) engine=InnoDB;
insert into civicrm_option_group (name) values ('activity_type'), ('group_type');
insert into civicrm_option_value (option_group_id, name, value)
values (1, 'Mailing List', '7'), (2, 'Access Control', '1'), (2, 'Mailing List', '2');
insert into civicrm_relationship_type (name_a_b, name_b_a)
values ('Child of', 'Parent of'), ('Employee of', 'Employer of');
insert into civicrm_membership_status (name, is_current_member)
values ('New', 1), ('Current', 1), ('Grace', 1), ('Expired', 0), ('Pending', 0), ('Cancelled', 0);
insert into civicrm_country (name, iso_code) values ('United States', 'US');
insert into civicrm_state_province (name, abbreviation) values ('Oregon', 'OR');
