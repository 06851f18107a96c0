-- Totals of dossiers in one pass over what changed, and once for many statements where a transaction asks
-- for it: a batch of an import changes three rows of totals a dossier, most of them those of the batch
-- before.

-- What a transaction has changed and not yet counted. It is empty whenever a transaction ends; nothing
-- is lost when a crash empties it, for its transaction is undone, too.
CREATE UNLOGGED TABLE dossier_uncounted (
    sign smallint NOT NULL,
    procedure text NOT NULL,
    channel text NOT NULL,
    officer text,
    receiving_unit text NOT NULL,
    resolving_unit text NOT NULL,
    area_unit text,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    overdue_at timestamptz,
    apologised_at timestamptz,
    fee_due boolean,
    paid_online boolean,
    digitised boolean,
    result_digitised boolean,
    data_reused boolean,
    counted boolean NOT NULL,
    ended_by text,
    timeliness text,
    days double precision,
    requests smallint NOT NULL,
    score smallint
);

-- The statements that add changed dossiers to the totals; `changed` as in dossier_flow_query. As texts,
-- for a trigger alone sees its transition tables. The order is that of the key, so that two writers wait
-- for each other instead of locking each other out.
CREATE FUNCTION dossier_totals_statement(changed text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    measures constant text[] := ARRAY[
        'received', 'online', 'other_area', 'fee_due', 'paid_online', 'digitised_told', 'digitised', 'reused_told',
        'reused', 'ended', 'done', 'before_time', 'on_time', 'late', 'late_apologised', 'supplemented',
        'result_told', 'result_digitised', 'rated', 'satisfied', 'apologised', 'turned_overdue', 'left_overdue'
    ];
    names text := array_to_string(measures, ', ');
    sums text := (SELECT string_agg(format('sum(%1$I) AS %1$I', m), ', ') FROM unnest(measures) AS m);
    told text := (SELECT string_agg(format('sum(%1$I) <> 0', m), ' OR ') FROM unnest(measures) AS m);
    adds text := (SELECT string_agg(format('%1$I = total.%1$I + EXCLUDED.%1$I', m), ', ') FROM unnest(measures) AS m);
BEGIN
    RETURN format(
        $query$
        INSERT INTO dossier_total AS total (level, unit, role, day, procedure, channel, officer, %3$s, newest)
        SELECT
            CASE WHEN grouping(procedure) = 0 THEN 'procedure' WHEN grouping(officer) = 0 THEN 'month' ELSE 'day' END,
            unit, role, coalesce(day, month), coalesce(procedure, ''), coalesce(channel, ''),
            coalesce(officer, ''), %1$s, max(newest)
        FROM (SELECT *, date_trunc('month', day::timestamp)::date AS month FROM (%2$s) AS flow) AS flow
        GROUP BY GROUPING SETS (
            (unit, role, day), (unit, role, month, channel, officer), (unit, role, month, procedure)
        )
        HAVING %4$s
        ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (level, unit, role, day, procedure, channel, officer) DO UPDATE SET
            %5$s, newest = greatest(total.newest, EXCLUDED.newest)
        $query$, sums, dossier_flow_query(changed), names, told, adds
    );
END $$;

CREATE FUNCTION dossier_durations_statement(changed text) RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
SELECT format(
    $query$
    INSERT INTO dossier_duration_monthly AS total (month, unit, bin, done, lost)
    SELECT date_trunc('month', begun_at AT TIME ZONE INTERVAL '7 hours')::date, unit, bin, sum(done), sum(lost)
    FROM (%1$s) AS duration
    GROUP BY 1, 2, 3
    HAVING sum(done) <> 0 OR sum(lost) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (month, unit, bin) DO UPDATE SET
        done = total.done + EXCLUDED.done, lost = total.lost + EXCLUDED.lost
    $query$, dossier_duration_query(changed)
)
$outer$;

-- Compiling these statements takes longer than running them.
CREATE OR REPLACE FUNCTION count_dossiers() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    changed text := array_to_string(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT 1 AS sign, * FROM added' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT -1 AS sign, * FROM removed' END
    ], ' UNION ALL ');
BEGIN
    IF current_setting('motcua.dossiers_counted', true) = 'later' THEN
        EXECUTE format(
            'INSERT INTO dossier_uncounted SELECT sign, procedure, channel, officer, receiving_unit, '
            'resolving_unit, area_unit, begun_at, ended_at, overdue_at, apologised_at, fee_due, paid_online, '
            'digitised, result_digitised, data_reused, counted, ended_by, timeliness, days, requests, score '
            'FROM (%s) AS changed', changed
        );
    ELSE
        EXECUTE dossier_totals_statement(changed);
        EXECUTE dossier_durations_statement(changed);
    END IF;
    RETURN NULL;
END $$;

-- Adds what this transaction has not counted yet to the totals, once that are `at_least` dossiers.
CREATE FUNCTION count_uncounted_dossiers(at_least bigint) RETURNS void LANGUAGE plpgsql
    SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    IF (SELECT count(*) FROM dossier_uncounted) >= at_least THEN
        EXECUTE dossier_totals_statement('SELECT * FROM dossier_uncounted');
        EXECUTE dossier_durations_statement('SELECT * FROM dossier_uncounted');
        TRUNCATE dossier_uncounted;
    END IF;
END $$;
