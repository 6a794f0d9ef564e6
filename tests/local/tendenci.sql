-- The tables of Tendenci 16.30 that the pipeline's views read, with the columns that they name and the constraints that
-- matter: every foreign key is deferred and deletes nothing, and addresses are not unique.

create table auth_user (
    id serial primary key, username text not null unique, first_name text not null default '',
    last_name text not null default '', email text not null default '', is_active boolean not null default true,
    last_login timestamptz
);
create table profiles_profile (
    user_id integer primary key references auth_user deferrable initially deferred, company text not null default '',
    position_title text not null default '', phone text not null default '', url text not null default '',
    address text not null default '', address2 text not null default '', city text not null default '',
    state text not null default '', zipcode text not null default '', country text not null default '',
    direct_mail boolean not null default true, status boolean not null default true
);
create table corporate_memberships_corpprofile (
    id serial primary key, name text not null, phone text not null default '', url text not null default '',
    address text not null default '', address2 text not null default '', city text not null default '',
    state text not null default '', zip text not null default '', country text not null default '',
    email text not null default '', status boolean not null default true
);
create table user_groups_group (
    id serial primary key, name text not null, sync_newsletters boolean not null default true,
    status boolean not null default true, status_detail text not null default 'active'
);
create table user_groups_groupmembership (
    id serial primary key, group_id integer not null references user_groups_group deferrable initially deferred,
    member_id integer not null references auth_user deferrable initially deferred, role text not null default '',
    is_newsletter_subscribed boolean not null default true, newsletter_key text, create_dt timestamptz default now(),
    update_dt timestamptz default now(), status boolean not null default true,
    status_detail text not null default 'active', unique (group_id, member_id)
);
create table committees_committee (
    id serial primary key, group_id integer references user_groups_group deferrable initially deferred,
    status boolean not null default true
);
create table committees_position (id serial primary key, title text not null);
create table committees_officer (
    id serial primary key, committee_id integer references committees_committee deferrable initially deferred,
    user_id integer references auth_user deferrable initially deferred,
    position_id integer references committees_position deferrable initially deferred, expire_dt date
);
create table memberships_membershiptype (
    id serial primary key, name text not null, never_expires boolean not null default false
);
create table memberships_membershipdefault (
    id serial primary key, user_id integer not null references auth_user deferrable initially deferred,
    membership_type_id integer not null references memberships_membershiptype deferrable initially deferred,
    corp_profile_id integer not null default 0, status boolean not null default true,
    status_detail text not null default 'active', join_dt timestamptz default now(), expire_dt timestamptz
);
create table corporate_memberships_corporatemembershiptype (id serial primary key, name text not null);
create table corporate_memberships_corpmembership (
    id serial primary key,
    corp_profile_id integer not null references corporate_memberships_corpprofile deferrable initially deferred,
    corporate_membership_type_id integer
        references corporate_memberships_corporatemembershiptype deferrable initially deferred,
    status boolean not null default true, status_detail text not null default 'active',
    join_dt timestamptz default now(), expiration_dt timestamptz
);
create table corporate_memberships_corpmembershiprep (
    id serial primary key,
    corp_profile_id integer not null references corporate_memberships_corpprofile deferrable initially deferred,
    user_id integer not null references auth_user deferrable initially deferred,
    is_dues_rep boolean not null default false, is_member_rep boolean not null default false
);
