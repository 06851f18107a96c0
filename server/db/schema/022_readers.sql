-- What the API reads with, below its own checks: a role that sees of officers only what the one who
-- asks may see, so that a check that was forgotten leaks nobody. Who asks is said for each transaction:
--   motcua.officers  units whose officers' figures may be seen, with commas between them; * for all
--   motcua.staff     units whose officers' names and rosters may be seen, likewise
--   motcua.officer   the code of whoever asks, when they are an officer
-- Figures need every officer's row to be summed. So totals are not filtered: the role reads them through
-- views that leave the officer out where it may not be seen, under the same names in the schema `masked`,
-- which stands first in its search path. Rows about people themselves are filtered, by policies.

DO $$
BEGIN
    CREATE ROLE motcua_reader NOLOGIN;
EXCEPTION
    -- A role is of the whole cluster: another database has made it, perhaps at this moment.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
DO $$
BEGIN
    EXECUTE format('GRANT motcua_reader TO %I', current_user);
END
$$;

CREATE SCHEMA masked;
GRANT USAGE ON SCHEMA masked TO motcua_reader;

CREATE FUNCTION units_seen(setting text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(nullif(current_setting(setting, true), ''), ',');
CREATE FUNCTION all_units_seen(setting text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting(setting, true) = '*', false);
CREATE FUNCTION officer_asking() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('motcua.officer', true), '');

ALTER TABLE officer ENABLE ROW LEVEL SECURITY;
ALTER TABLE officer_post ENABLE ROW LEVEL SECURITY;
ALTER TABLE assignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON officer_post FOR SELECT TO motcua_reader USING (
    (SELECT all_units_seen('motcua.staff'))
    OR unit = ANY ((SELECT units_seen('motcua.staff'))::text[])
    OR officer = (SELECT officer_asking())
);
CREATE POLICY seen ON assignment FOR SELECT TO motcua_reader USING (
    (SELECT all_units_seen('motcua.staff'))
    OR unit = ANY ((SELECT units_seen('motcua.staff'))::text[])
    OR officer = (SELECT officer_asking())
);
CREATE POLICY seen ON duty FOR SELECT TO motcua_reader USING (
    (SELECT all_units_seen('motcua.officers'))
    OR unit = ANY ((SELECT units_seen('motcua.officers'))::text[])
    OR officer = (SELECT officer_asking())
);
-- A name is seen with a post that is seen.
CREATE POLICY seen ON officer FOR SELECT TO motcua_reader USING (
    (SELECT all_units_seen('motcua.staff'))
    OR code = (SELECT officer_asking())
    OR EXISTS (SELECT FROM officer_post WHERE officer_post.officer = officer.code)
);

-- How many posts a unit has on which days is no secret: who has them is.
CREATE VIEW post_days AS SELECT unit, valid_from, valid_to FROM officer_post;

-- Which tables the role reads as they are, through a view that leaves officers out, or not at all.
-- Called after every migration, so that a new table or column is never forgotten: a table with a
-- column `officer` is masked unless policies filter its rows.
CREATE FUNCTION renew_readers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    home text := current_schema();
    found record;
    columns text;
    place text;
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM motcua_reader', home);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO motcua_reader', home);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO motcua_reader', home);
    FOR found IN SELECT c.relname AS name FROM pg_class c
        WHERE c.relnamespace = 'masked'::regnamespace AND c.relkind = 'v'
    LOOP
        EXECUTE format('DROP VIEW masked.%I', found.name);
    END LOOP;
    -- Secrets, and what nobody reads through the API.
    FOR found IN SELECT unnest(ARRAY[
        'account', 'account_link', 'account_role', 'api_key', 'officer_session', 'recovery_code',
        'screen', 'second_factor', 'sign_in', 'sign_in_failure', 'sign_on_flow', 'privacy_request',
        'privacy_breach', 'webhook', 'webhook_message'
    ]) AS name
    LOOP
        IF to_regclass(format('%I.%I', home, found.name)) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %I.%I FROM motcua_reader', home, found.name);
        END IF;
    END LOOP;
    FOR found IN
        SELECT
            c.oid, c.relname AS name,
            EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = c.oid AND attname = 'unit' AND NOT attisdropped
            ) AS has_unit,
            EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = c.oid AND attname = 'resolving_unit' AND NOT attisdropped
            ) AS has_resolving_unit,
            CASE WHEN c.relname LIKE '%\_totals' OR EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = c.oid AND attname = 'officer' AND attnotnull
            ) THEN '''''' ELSE 'NULL' END AS nobody
        FROM pg_class c
        WHERE c.relnamespace = home::regnamespace AND c.relkind IN ('r', 'v', 'p')
            AND NOT c.relrowsecurity AND c.relname <> 'officer_session'
            AND c.relname <> 'account'
            AND EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = c.oid AND attname IN ('officer', 'stated_officer')
                    AND NOT attisdropped
            )
    LOOP
        place := CASE
            WHEN found.has_unit THEN 'unit' WHEN found.has_resolving_unit THEN 'resolving_unit'
            ELSE 'NULL'
        END;
        SELECT string_agg(
            CASE WHEN attname IN ('officer', 'stated_officer') THEN format(
                'CASE WHEN (SELECT all_units_seen(''motcua.officers''))'
                ' OR %1$s = ANY ((SELECT units_seen(''motcua.officers''))::text[])'
                ' OR %2$I = (SELECT officer_asking())'
                ' THEN %2$I ELSE %3$s END AS %2$I', place, attname, found.nobody
            ) ELSE format('%I', attname) END, ', ' ORDER BY attnum
        ) INTO columns
        FROM pg_attribute
        WHERE attrelid = found.oid AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('REVOKE ALL ON %I.%I FROM motcua_reader', home, found.name);
        EXECUTE format(
            'CREATE VIEW masked.%1$I AS SELECT %2$s FROM %3$I.%1$I', found.name, columns, home
        );
    END LOOP;
    GRANT SELECT ON ALL TABLES IN SCHEMA masked TO motcua_reader;
END
$$;
