-- Cases by the kind of work they were, a row for each unit's month: what rankings standardise by. Hours
-- would have to be read one by one otherwise, seconds for a quarter. A month is written by the worker,
-- and forgotten by whatever changes one of the days that it holds: what is not here is counted at once,
-- so that rankings are right at any time.
CREATE TABLE case_month (
    source text NOT NULL,
    -- What cells are told apart by within the unit: unit (nothing), counter, procedure.
    by text NOT NULL,
    unit text NOT NULL,
    month date NOT NULL,
    -- The first day that is not in it: that of the next month, or an earlier one while the month ran.
    until date NOT NULL,
    -- Names to which the numbers of cells are indices.
    members text[] NOT NULL,
    families text[] NOT NULL,
    channels text[] NOT NULL,
    -- Rows of nine 32-bit integers, the least significant byte first: member (-1 for none), family,
    -- channel, hour, arrivals, n, k, suspect n, suspect k.
    cells bytea NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, by, month, unit)
);

-- Those told apart by officer: members are officers, whom the API's role sees in units alone whose
-- officers whoever asks may see.
CREATE TABLE case_month_of_officers (LIKE case_month INCLUDING ALL);
ALTER TABLE case_month_of_officers ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON case_month_of_officers FOR SELECT TO motcua_reader USING (
    (SELECT all_units_seen('motcua.officers'))
    OR unit = ANY ((SELECT units_seen('motcua.officers'))::text[])
);

-- Cells are read whole; compressing them costs more than it saves.
ALTER TABLE case_month ALTER COLUMN cells SET STORAGE EXTERNAL;
ALTER TABLE case_month_of_officers ALTER COLUMN cells SET STORAGE EXTERNAL;

CREATE FUNCTION forget_months(changed_units text[], changed_days date[], of_dossiers boolean)
    RETURNS void LANGUAGE sql AS $$
    WITH changed AS (
        SELECT DISTINCT unit, day FROM unnest(changed_units, changed_days) AS changed (unit, day)
    ), forgotten AS (
        DELETE FROM case_month USING changed
        WHERE case_month.unit = changed.unit AND case_month.month = date_trunc('month', changed.day)
            AND changed.day < until AND (source = 'dossiers') = of_dossiers
    )
    DELETE FROM case_month_of_officers AS kept USING changed
    WHERE kept.unit = changed.unit AND kept.month = date_trunc('month', changed.day)
        AND changed.day < until AND (source = 'dossiers') = of_dossiers
$$;

CREATE FUNCTION forget_case_months() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        $query$
        SELECT forget_months(array_agg(unit), array_agg(day), false)
        FROM (
            SELECT DISTINCT unit, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day
            FROM (%s) AS changed
            -- Of today nothing is kept, and nearly all that comes is of today.
            WHERE hour < date_trunc('day', now(), 'Asia/Ho_Chi_Minh')
        ) AS days
        HAVING count(*) > 0
        $query$,
        array_to_string(ARRAY[
            CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT unit, hour FROM added' END,
            CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT unit, hour FROM removed' END
        ], ' UNION ALL ')
    );
    RETURN NULL;
END $$;

CREATE FUNCTION forget_dossier_months() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        $query$
        SELECT forget_months(array_agg(unit), array_agg(day), true)
        FROM (
            SELECT DISTINCT resolving_unit AS unit, (ended_at AT TIME ZONE INTERVAL '7 hours')::date AS day
            FROM (%s) AS changed
            WHERE ended_at < date_trunc('day', now(), 'Asia/Ho_Chi_Minh')
        ) AS days
        HAVING count(*) > 0
        $query$,
        array_to_string(ARRAY[
            CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT resolving_unit, ended_at FROM added' END,
            CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT resolving_unit, ended_at FROM removed' END
        ], ' UNION ALL ')
    );
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
    forgets text;
BEGIN
    FOREACH name IN ARRAY ARRAY['rating_hourly', 'wait_hourly', 'visit_hourly', 'prompt_hourly', 'dossier'] LOOP
        forgets := CASE WHEN name = 'dossier' THEN 'forget_dossier_months' ELSE 'forget_case_months' END;
        EXECUTE format(
            'CREATE TRIGGER forget_inserted AFTER INSERT ON %I REFERENCING NEW TABLE AS added '
            'FOR EACH STATEMENT EXECUTE FUNCTION %s()', name, forgets
        );
        EXECUTE format(
            'CREATE TRIGGER forget_updated AFTER UPDATE ON %I REFERENCING OLD TABLE AS removed NEW TABLE AS added '
            'FOR EACH STATEMENT EXECUTE FUNCTION %s()', name, forgets
        );
        EXECUTE format(
            'CREATE TRIGGER forget_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS removed '
            'FOR EACH STATEMENT EXECUTE FUNCTION %s()', name, forgets
        );
    END LOOP;
END $$;
