-- Totals of dossiers, kept by triggers with whole statements: whoever writes dossiers, writes only
-- them, and import, REST and correction count in the same way.

-- Three levels. `day`: a unit's day. `month`: a unit's month by channel and officer. `procedure`: a
-- unit's month by procedure, and so by family. Columns that a level does not tell are ''. All
-- together would have as many rows as there are dossiers: questions that need more take the days of
-- incomplete months, or everything, from the view dossier_flow, by the indexes below.
-- The role `receiving` counts at the unit that accepted the dossier, `resolving` at the one that
-- decides on it. Stocks are prefix sums: open = received - ended, overdue = turned_overdue - left_overdue.
CREATE TABLE dossier_total (
    level text NOT NULL,
    role text NOT NULL,
    unit text NOT NULL,
    day date NOT NULL,
    procedure text NOT NULL,
    channel text NOT NULL,
    officer text NOT NULL,
    received integer NOT NULL,
    online integer NOT NULL,
    other_area integer NOT NULL,
    fee_due integer NOT NULL,
    paid_online integer NOT NULL,
    digitised_told integer NOT NULL,
    digitised integer NOT NULL,
    reused_told integer NOT NULL,
    reused integer NOT NULL,
    ended integer NOT NULL,
    done integer NOT NULL,
    before_time integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    late_apologised integer NOT NULL,
    supplemented integer NOT NULL,
    result_told integer NOT NULL,
    result_digitised integer NOT NULL,
    rated integer NOT NULL,
    satisfied integer NOT NULL,
    apologised integer NOT NULL,
    turned_overdue integer NOT NULL,
    left_overdue integer NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (level, unit, role, day, procedure, channel, officer)
) WITH (fillfactor = 70);

-- What happened to dossiers on some days; of overdue ones only those that were late while open.
CREATE INDEX dossier_begun ON dossier (begun_at);
CREATE INDEX dossier_ended ON dossier (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX dossier_apologised ON dossier (apologised_at) WHERE apologised_at IS NOT NULL;
CREATE INDEX dossier_overdue ON dossier (overdue_at) WHERE ended_at IS NULL OR overdue_at < ended_at;

-- How long dossiers of a unit took, by the month of receipt, as bins of log_bin over working days of
-- 28,800 seconds. `done` ended so; `lost` were withdrawn after that time. What is open is counted
-- from the dossiers: nobody knows yet how long it takes. So is anything finer, by dossier_begun:
-- there would be hardly fewer bins than dossiers.
CREATE TABLE dossier_duration_monthly (
    unit text NOT NULL,
    month date NOT NULL,
    bin smallint NOT NULL,
    done integer NOT NULL,
    lost integer NOT NULL,
    PRIMARY KEY (month, unit, bin)
) WITH (fillfactor = 70);

-- What dossiers contribute to dossier_total, before it is summed: `changed` is a query of dossiers
-- with a sign, +1 or -1. A text, because only dynamic SQL can read whichever transition tables there are.
CREATE FUNCTION dossier_flow_query(changed text) RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
SELECT replace($query$
SELECT
    f.role, f.unit, f.day, c.procedure, c.channel, coalesce(c.officer, '') AS officer,
    c.sign * f.received AS received,
    c.sign * (f.received_there AND c.channel = 'online')::int AS online,
    c.sign * (f.received_there AND c.receiving_unit <> coalesce(c.area_unit, c.resolving_unit))::int AS other_area,
    c.sign * (f.received_there AND coalesce(c.fee_due, false))::int AS fee_due,
    c.sign * (f.received_there AND coalesce(c.fee_due AND c.paid_online, false))::int AS paid_online,
    c.sign * (f.received_there AND c.digitised IS NOT NULL)::int AS digitised_told,
    c.sign * (f.received_there AND coalesce(c.digitised, false))::int AS digitised,
    c.sign * (f.received_there AND c.data_reused IS NOT NULL)::int AS reused_told,
    c.sign * (f.received_there AND coalesce(c.data_reused, false))::int AS reused,
    c.sign * f.ended AS ended,
    c.sign * (f.ended * c.counted::int) AS done,
    c.sign * (f.ended * (c.timeliness IS NOT DISTINCT FROM 'before')::int) AS before_time,
    c.sign * (f.ended * (c.timeliness IS NOT DISTINCT FROM 'on')::int) AS on_time,
    c.sign * (f.ended * (c.timeliness IS NOT DISTINCT FROM 'after')::int) AS late,
    c.sign * (f.ended * (c.timeliness IS NOT DISTINCT FROM 'after' AND c.apologised_at IS NOT NULL)::int)
        AS late_apologised,
    c.sign * (f.ended * (c.counted AND c.requests > 0)::int) AS supplemented,
    c.sign * (f.ended * coalesce(c.ended_by IN ('processed', 'returned', 'handed_out') AND c.result_digitised IS NOT NULL, false)::int)
        AS result_told,
    c.sign * (f.ended * coalesce(c.ended_by IN ('processed', 'returned', 'handed_out') AND c.result_digitised, false)::int)
        AS result_digitised,
    c.sign * (f.ended * (c.score IS NOT NULL)::int) AS rated,
    c.sign * (f.ended * coalesce(c.score >= 4, false)::int) AS satisfied,
    c.sign * f.apologised AS apologised,
    c.sign * f.turned_overdue AS turned_overdue,
    c.sign * (f.ended * coalesce(c.overdue_at < c.ended_at, false)::int) AS left_overdue,
    f.newest, c.begun_at, c.ended_at, c.apologised_at, c.overdue_at
FROM (:changed) AS c
CROSS JOIN LATERAL (
    VALUES
        ('receiving', c.receiving_unit, (c.begun_at AT TIME ZONE INTERVAL '7 hours')::date, 1, true, 0, 0, 0, c.begun_at),
        ('resolving', c.resolving_unit, (c.begun_at AT TIME ZONE INTERVAL '7 hours')::date, 1, false, 0, 0, 0, c.begun_at),
        ('resolving', c.resolving_unit, (c.ended_at AT TIME ZONE INTERVAL '7 hours')::date, 0, false, 1, 0, 0, c.ended_at),
        ('resolving', c.resolving_unit, (c.apologised_at AT TIME ZONE INTERVAL '7 hours')::date, 0, false, 0, 1, 0,
            c.apologised_at),
        ('resolving', c.resolving_unit,
            CASE WHEN c.ended_at IS NULL OR c.overdue_at < c.ended_at
                THEN (c.overdue_at AT TIME ZONE INTERVAL '7 hours')::date END,
            0, false, 0, 0, 1, c.begun_at)
) AS f (role, unit, day, received, received_there, ended, apologised, turned_overdue, newest)
WHERE f.day IS NOT NULL
$query$, ':changed', changed)
$outer$;

-- How long each dossier that has ended took.
CREATE FUNCTION dossier_duration_query(changed text) RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
SELECT replace($query$
SELECT
    c.resolving_unit AS unit, c.procedure, c.channel, coalesce(c.officer, '') AS officer, c.begun_at,
    log_bin(c.days * 28800) AS bin,
    c.sign * (c.ended_by <> 'withdrawn')::int AS done,
    c.sign * (c.ended_by = 'withdrawn')::int AS lost
FROM (:changed) AS c
WHERE c.ended_at IS NOT NULL
$query$, ':changed', changed)
$outer$;

-- Both from the dossiers themselves: for questions across dimensions, and to verify the totals.
DO $$
BEGIN
    EXECUTE 'CREATE VIEW dossier_flow AS ' || dossier_flow_query('SELECT 1 AS sign, * FROM dossier');
    EXECUTE 'CREATE VIEW dossier_duration AS '
        || dossier_duration_query('SELECT 1 AS sign, * FROM dossier');
END $$;

CREATE FUNCTION count_dossiers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    measures constant text[] := ARRAY[
        'received', 'online', 'other_area', 'fee_due', 'paid_online', 'digitised_told', 'digitised', 'reused_told',
        'reused', 'ended', 'done', 'before_time', 'on_time', 'late', 'late_apologised', 'supplemented',
        'result_told', 'result_digitised', 'rated', 'satisfied', 'apologised', 'turned_overdue', 'left_overdue'
    ];
    changed text := array_to_string(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT 1 AS sign, * FROM added' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT -1 AS sign, * FROM removed' END
    ], ' UNION ALL ');
    names text := array_to_string(measures, ', ');
    sums text := (SELECT string_agg(format('sum(%1$I) AS %1$I', m), ', ') FROM unnest(measures) AS m);
    told text := (SELECT string_agg(format('sum(%1$I) <> 0', m), ' OR ') FROM unnest(measures) AS m);
    adds text := (SELECT string_agg(format('%1$I = total.%1$I + EXCLUDED.%1$I', m), ', ') FROM unnest(measures) AS m);
BEGIN
    -- In the order of the key, so that two writers wait for each other instead of locking each other out.
    EXECUTE format(
        $query$
        INSERT INTO dossier_total AS total (level, unit, role, day, procedure, channel, officer, %3$s, newest)
        SELECT part.level, unit, role, part.day, part.procedure, part.channel, part.officer, %1$s, max(newest)
        FROM (SELECT *, date_trunc('month', day::timestamp)::date AS month FROM (%2$s) AS flow) AS flow
        CROSS JOIN LATERAL (
            VALUES
                ('day', flow.day, '', '', ''), ('month', month, '', flow.channel, flow.officer),
                ('procedure', month, flow.procedure, '', '')
        ) AS part (level, day, procedure, channel, officer)
        GROUP BY 1, 2, 3, 4, 5, 6, 7
        HAVING %4$s
        ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (level, unit, role, day, procedure, channel, officer) DO UPDATE SET
            %5$s, newest = greatest(total.newest, EXCLUDED.newest)
        $query$, sums, dossier_flow_query(changed), names, told, adds
    );
    EXECUTE format(
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
    );
    RETURN NULL;
END $$;

CREATE TRIGGER count_inserted AFTER INSERT ON dossier REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_dossiers();
CREATE TRIGGER count_updated AFTER UPDATE ON dossier REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_dossiers();
CREATE TRIGGER count_deleted AFTER DELETE ON dossier REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_dossiers();

-- What a plan or decision asks for, from when until when; NULL `kind` is for every kind of unit.
CREATE TABLE target (
    kpi text NOT NULL,
    kind text,
    value double precision NOT NULL,
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to date NOT NULL DEFAULT 'infinity',
    basis text NOT NULL,
    CHECK (valid_from < valid_to),
    UNIQUE NULLS NOT DISTINCT (kpi, kind, valid_from)
);

-- Dossiers whose states rest on calendars, procedures or units that have changed since: the worker
-- computes all states anew, page by page from the code `after` on, and then takes the row away.
CREATE TABLE dossier_stale (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    since timestamptz NOT NULL DEFAULT now(),
    after text NOT NULL DEFAULT ''
);

CREATE FUNCTION mark_dossiers_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dossier_stale DEFAULT VALUES
    ON CONFLICT (only_one) DO UPDATE SET since = now(), after = '';
    RETURN NULL;
END $$;

CREATE TRIGGER stale_by_rule AFTER INSERT OR UPDATE OR DELETE ON calendar_rule
    FOR EACH STATEMENT EXECUTE FUNCTION mark_dossiers_stale();
CREATE TRIGGER stale_by_procedure AFTER UPDATE ON procedure
    FOR EACH ROW
    WHEN ((OLD.family, OLD.limit_days, OLD.late_after) IS DISTINCT FROM (NEW.family, NEW.limit_days, NEW.late_after))
    EXECUTE FUNCTION mark_dossiers_stale();
CREATE TRIGGER stale_by_unit AFTER UPDATE ON unit
    FOR EACH ROW
    WHEN ((OLD.calendar, OLD.parent) IS DISTINCT FROM (NEW.calendar, NEW.parent))
    EXECUTE FUNCTION mark_dossiers_stale();
