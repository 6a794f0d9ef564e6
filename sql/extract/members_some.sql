-- Some contacts for the providers that hold members, whatever they are, together with the organizations they belong to:
-- whether an organization is needed there depends on its people.
--
-- Parameters  contact_ids  bigint[]  these contacts;
--             subjects     text[]    and these, by their subject (to be tried again)
-- Returns one row per contact, the same columns as members_all.sql
--   contact_id         bigint    the key
--   kind               text      individual | organization
--   first_name, last_name, organization_name, job_title, phone, website, address_line1, address_line2, city, state,
--   postal_code, country  text   as written, may be null
--   address            text      the primary e-mail address as written; null if none
--   subject            text      the contact_id as text: what tells members apart; never null
--   do_not_contact     boolean   the contact's own flag
--   lists              bigint[]  the synchronized lists the contact is in, sorted; {} if none
--   flagged_lists      bigint[]  those of them whose membership has Do Not Contact, sorted; {} if none
--   statuses           text[]    of its memberships and, for an individual, of those of its organizations, sorted; {} if none
--   is_related         boolean   for an organization: whether an individual of it is an active member in a synchronized list
--   memberships        jsonb     [{type_id, type, status, since, until, organization_id (null: its own)}], since and until yyyy-mm-dd or null
--   organizations      jsonb     [{organization_id, name, title, is_primary}], the main one first
--   list_memberships   jsonb     [{list_id, name, kind, role, since}] of the synchronized lists, by list_id
--
-- Runs inside COPY (...) TO STDOUT, hence no semicolon at the end.
WITH asked AS (
    SELECT unnest(%(contact_ids)s::bigint[]) AS contact_id
    UNION
    SELECT subject::bigint FROM unnest(%(subjects)s::text[]) AS subject
),
wanted AS (
    SELECT contact_id FROM asked
    UNION
    SELECT relation.organization_id FROM crm.relationship AS relation JOIN asked ON relation.individual_id = asked.contact_id
)
SELECT contact.contact_id,
       contact.kind,
       contact.first_name,
       contact.last_name,
       contact.organization_name,
       contact.job_title,
       contact.phone,
       contact.website,
       contact.address_line1,
       contact.address_line2,
       contact.city,
       contact.state,
       contact.postal_code,
       contact.country,
       email.address,
       contact.contact_id::text AS subject,
       contact.do_not_contact,
       coalesce(in_list.lists, '{}') AS lists,
       coalesce(in_list.flagged_lists, '{}') AS flagged_lists,
       coalesce(held.statuses, '{}') AS statuses,
       contact.kind = 'organization' AND EXISTS (
           SELECT FROM crm.relationship AS relation
           JOIN crm.contact AS person ON person.contact_id = relation.individual_id AND person.kind = 'individual'
           WHERE relation.organization_id = contact.contact_id
             AND EXISTS (SELECT FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
                         WHERE member.contact_id = relation.individual_id AND list.sync_enabled)
             AND (EXISTS (SELECT FROM crm.membership
                          WHERE membership.contact_id = relation.individual_id AND membership.status = 'active')
                  OR EXISTS (SELECT FROM crm.relationship AS other
                             JOIN crm.membership ON membership.contact_id = other.organization_id
                             WHERE other.individual_id = relation.individual_id AND membership.status = 'active'))
       ) AS is_related,
       coalesce(held.memberships, '[]') AS memberships,
       coalesce(belongs.organizations, '[]') AS organizations,
       coalesce(in_list.list_memberships, '[]') AS list_memberships
FROM crm.contact
LEFT JOIN crm.email_address AS email ON email.contact_id = contact.contact_id AND email.is_primary
CROSS JOIN LATERAL (
    SELECT array_agg(member.list_id ORDER BY member.list_id) AS lists,
           array_agg(member.list_id ORDER BY member.list_id) FILTER (WHERE member.do_not_contact) AS flagged_lists,
           jsonb_agg(jsonb_build_object('list_id', list.list_id, 'name', list.name, 'kind', list.kind, 'role', member.role,
                                        'since', member.joined_on) ORDER BY list.list_id) AS list_memberships
    FROM crm.list_member AS member JOIN crm.list AS list USING (list_id)
    WHERE member.contact_id = contact.contact_id AND list.sync_enabled
) AS in_list
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT own.status ORDER BY own.status) AS statuses,
           jsonb_agg(jsonb_build_object('type_id', own.membership_type_id, 'type', kind.name, 'status', own.status,
                                        'since', own.started_on, 'until', own.expires_on,
                                        'organization_id', own.organization_id)
                     ORDER BY own.organization_id NULLS FIRST, own.membership_id) AS memberships
    FROM (
        SELECT membership.*, NULL::bigint AS organization_id FROM crm.membership
        WHERE membership.contact_id = contact.contact_id
        UNION ALL
        SELECT membership.*, relation.organization_id FROM crm.relationship AS relation
        JOIN crm.membership ON membership.contact_id = relation.organization_id
        WHERE relation.individual_id = contact.contact_id AND contact.kind = 'individual'
    ) AS own
    JOIN crm.membership_type AS kind USING (membership_type_id)
) AS held
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('organization_id', organization.contact_id, 'name', organization.organization_name,
                                        'title', relation.title, 'is_primary', relation.is_primary)
                     ORDER BY relation.is_primary DESC, organization.contact_id) AS organizations
    FROM crm.relationship AS relation
    JOIN crm.contact AS organization ON organization.contact_id = relation.organization_id
    WHERE relation.individual_id = contact.contact_id
) AS belongs
WHERE contact.contact_id = ANY (ARRAY(SELECT contact_id FROM wanted))
