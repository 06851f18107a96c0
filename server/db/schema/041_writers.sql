-- What the API writes with, below its own checks: roles that own nothing, so that a check that was
-- forgotten in a route that writes changes no schema, no audit entry, no message of a device and no
-- total, and nothing outside the units in which whoever asks may write. Said for each transaction:
--   motcua.staff_written, motcua.dossiers_written, motcua.complaints_written, motcua.devices_managed,
--   motcua.units_managed, motcua.points_written   units in which that may be written; * for all
--   motcua.accounts_written   * where accounts, roles, keys and screens may be made
-- `motcua_writer` is anybody's; `motcua_recorder` is of whoever may write books: officers, rosters,
-- dossiers, complaints. Ingest, imports by command and the worker own the database and are not bound.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['motcua_writer', 'motcua_recorder'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION
            -- A role is of the whole cluster: another database has made it, perhaps at this moment.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    -- Whoever writes books writes what everybody does. Again in each database: it may be there.
    GRANT motcua_writer TO motcua_recorder;
    EXECUTE format('GRANT motcua_writer, motcua_recorder TO %I', current_user);
EXCEPTION
    -- Another database grants it at this moment.
    WHEN internal_error OR unique_violation THEN NULL;
END
$$;

-- Policies: rows of officers in the units in which staff may be written. Whose codes there are, whoever
-- writes rosters has to know.
CREATE POLICY known ON officer FOR SELECT TO motcua_recorder
    USING (current_setting('motcua.staff_written', true) <> '');
CREATE POLICY added ON officer FOR INSERT TO motcua_recorder
    WITH CHECK (current_setting('motcua.staff_written', true) <> '');
CREATE POLICY renamed ON officer FOR UPDATE TO motcua_recorder USING (
    (SELECT all_units_seen('motcua.staff_written'))
    OR EXISTS (
        SELECT FROM officer_post AS post WHERE post.officer = officer.code
    )
);
CREATE POLICY written ON officer_post FOR ALL TO motcua_recorder USING (
    (SELECT all_units_seen('motcua.staff_written'))
    OR unit = ANY ((SELECT units_seen('motcua.staff_written'))::text[])
);
CREATE POLICY written ON assignment FOR ALL TO motcua_recorder USING (
    (SELECT all_units_seen('motcua.staff_written'))
    OR unit = ANY ((SELECT units_seen('motcua.staff_written'))::text[])
);
CREATE POLICY written ON duty FOR ALL TO motcua_recorder USING (
    (SELECT all_units_seen('motcua.staff_written'))
    OR unit = ANY ((SELECT units_seen('motcua.staff_written'))::text[])
);

-- Duty follows from sign-ons as well. A view, for the table may be a hypertable.
CREATE VIEW sign_ons WITH (security_barrier) AS
SELECT unit, counter, session, officer, event, observed_at
FROM officer_session
WHERE current_user <> 'motcua_recorder'
    OR (SELECT all_units_seen('motcua.staff_written'))
    OR unit = ANY ((SELECT units_seen('motcua.staff_written'))::text[]);

-- Who may sign in, as what. Setting one's own password or second factor, and noting a use, are updates.
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_role ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE screen ENABLE ROW LEVEL SECURITY;
CREATE POLICY known ON account FOR SELECT TO motcua_writer USING (true);
CREATE POLICY changed ON account FOR UPDATE TO motcua_writer USING (true);
CREATE POLICY made ON account FOR INSERT TO motcua_writer
    WITH CHECK (all_units_seen('motcua.accounts_written'));
CREATE POLICY known ON account_role FOR SELECT TO motcua_writer USING (true);
CREATE POLICY given ON account_role FOR INSERT TO motcua_writer
    WITH CHECK (all_units_seen('motcua.accounts_written'));
CREATE POLICY taken ON account_role FOR DELETE TO motcua_writer
    USING (all_units_seen('motcua.accounts_written'));
CREATE POLICY known ON api_key FOR SELECT TO motcua_writer USING (true);
CREATE POLICY changed ON api_key FOR UPDATE TO motcua_writer USING (true);
CREATE POLICY made ON api_key FOR INSERT TO motcua_writer
    WITH CHECK (all_units_seen('motcua.accounts_written'));
CREATE POLICY known ON screen FOR SELECT TO motcua_writer USING (true);
CREATE POLICY changed ON screen FOR UPDATE TO motcua_writer USING (true);
CREATE POLICY made ON screen FOR INSERT TO motcua_writer
    WITH CHECK (all_units_seen('motcua.accounts_written'));

-- Rows of places: by whole statements, so that an import of a million is asked once a batch.
CREATE FUNCTION refuse_foreign() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    foreign_unit text;
BEGIN
    IF current_user NOT IN ('motcua_writer', 'motcua_recorder') OR all_units_seen(TG_ARGV[0]) THEN
        RETURN NULL;
    END IF;
    EXECUTE format(
        'SELECT %1$s FROM added WHERE (%1$s = ANY ($1)) IS NOT TRUE LIMIT 1', TG_ARGV[1]
    ) INTO foreign_unit USING coalesce(units_seen(TG_ARGV[0]), '{}');
    IF foreign_unit IS NOT NULL THEN
        RAISE EXCEPTION 'unit % lies outside the units that may be written', foreign_unit
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    bound record;
    happening text;
BEGIN
    FOR bound IN SELECT * FROM (VALUES
        (
            'dossier', 'dossiers_written',
            'CASE WHEN resolving_unit = ANY ($1) THEN resolving_unit ELSE receiving_unit END'
        ),
        ('complaint', 'complaints_written', 'unit'),
        ('device', 'devices_managed', 'unit'), ('unit', 'units_managed', 'id')
    ) AS bound (name, setting, place) LOOP
        FOREACH happening IN ARRAY ARRAY['INSERT', 'UPDATE'] LOOP
            EXECUTE format(
                'CREATE TRIGGER bounded_%1$s AFTER %1$s ON %2$I REFERENCING NEW TABLE AS added '
                'FOR EACH STATEMENT EXECUTE FUNCTION refuse_foreign(%3$L, %4$L)',
                lower(happening), bound.name, 'motcua.' || bound.setting, bound.place
            );
        END LOOP;
    END LOOP;
END
$$;

-- Which tables the roles write: all but those of this list; views without officers they read. Called after
-- every migration with renew_readers, so that a new table of a new feature is writable by its routes. What
-- follows by triggers from what is written, totals above all, they may not write: triggers do it as the owner.
CREATE FUNCTION renew_writers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    home text := current_schema();
    found record;
BEGIN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM motcua_writer, motcua_recorder', home);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO motcua_writer, motcua_recorder', home);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO motcua_writer, motcua_recorder', home);
    FOR found IN
        SELECT
            c.relname AS name, c.relkind = 'v' AS is_view,
            c.relname IN (
                'officer', 'officer_post', 'assignment', 'duty', 'dirty_hour', 'dossier',
                'dossier_event', 'complaint', 'batch_answer'
            ) AS is_book,
            c.relname ~ '_(hourly|daily|monthly|total)$'
                OR c.relname ~ 'migration' OR c.relname ~ '^procrastinate_' OR c.relname ~ '^privacy_'
                OR c.relname IN (
                    'observation', 'visit', 'wait', 'rating', 'rating_reason', 'ticket', 'health', 'prompt',
                    'officer_session', 'quarantine', 'held_message', 'server_clock', 'raw_horizon',
                    'hourly_total', 'opinion_told', 'opinion_waiting', 'dossier_stale', 'audit_entry',
                    'audit_link', 'source_refusal'
                ) AS is_kept,
            EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = c.oid
                    AND attname IN ('officer', 'stated_officer') AND NOT attisdropped
            ) AS names_officers
        FROM pg_class c
        WHERE c.relnamespace = home::regnamespace AND c.relkind IN ('r', 'p', 'v')
    LOOP
        IF found.is_view THEN
            IF NOT found.names_officers THEN
                EXECUTE format('GRANT SELECT ON %I.%I TO motcua_writer, motcua_recorder', home, found.name);
            END IF;
        ELSIF found.is_book THEN
            EXECUTE format(
                'GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO motcua_recorder', home, found.name
            );
        ELSIF NOT found.is_kept THEN
            EXECUTE format(
                'GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO motcua_writer, motcua_recorder',
                home, found.name
            );
        ELSIF NOT found.names_officers AND found.name !~ '^(privacy_|audit_)' THEN
            EXECUTE format('GRANT SELECT ON %I.%I TO motcua_writer, motcua_recorder', home, found.name);
        END IF;
    END LOOP;
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = home::regnamespace AND prorettype = 'trigger'::regtype
            AND proowner = current_user::regrole
            -- Refusals ask as whom something is written.
            AND proname !~ '^(refuse|procrastinate)_'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', found.name, home);
    END LOOP;
    EXECUTE format('GRANT SELECT ON %I.sign_ons TO motcua_recorder', home);
    EXECUTE format('GRANT INSERT ON %I.audit_entry TO motcua_writer, motcua_recorder', home);
END
$$;
