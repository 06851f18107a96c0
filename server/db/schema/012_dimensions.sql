-- Totals that know who served and what for, at three levels: hours of a counter by officer and family
-- of procedures, days of a counter, months of a unit. Whoever writes hours, writes only them: days and
-- months follow in the same statement, so that they are equal by construction.

-- Who served where and when; intervals of one counter never overlap. Derived from rosters and from
-- officers' own sign-on (server/staff/duty.sql): never written by hand.
CREATE TABLE duty (
    unit text NOT NULL,
    counter text NOT NULL,
    officer text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    signed_on boolean NOT NULL,
    PRIMARY KEY (unit, counter, starts_at),
    CHECK (starts_at < ends_at)
);
CREATE INDEX duty_officer ON duty (officer, starts_at);

-- Which family of procedures a ticket machine's own service code stands for.
CREATE TABLE ticket_service (
    service text PRIMARY KEY,
    family text NOT NULL
);

-- Hours whose attribution has changed since they were counted; the worker counts them anew.
CREATE TABLE dirty_hour (
    unit text NOT NULL,
    counter text NOT NULL,
    hour timestamptz NOT NULL,
    cause text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (unit, counter, hour)
);

-- Hours before `kept_from` have totals but no raw rows any more: they are never counted anew.
CREATE TABLE raw_horizon (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    kept_from timestamptz NOT NULL
);
INSERT INTO raw_horizon (kept_from) VALUES ('1900-01-01T00:00:00Z');

-- The officer on duty at a counter at an instant, and the family of the ticket that was last called
-- there within two hours, unless that ticket was held, skipped or sent elsewhere since. Inlined into the statements that use it.
CREATE FUNCTION attribution(of_unit text, of_counter text, at timestamptz)
    RETURNS TABLE (officer text, family text)
    LANGUAGE sql STABLE AS $$
    SELECT
        coalesce((
            SELECT CASE WHEN at < duty.ends_at THEN duty.officer END
            FROM duty
            WHERE duty.unit = of_unit AND duty.counter = of_counter AND duty.starts_at <= at
            ORDER BY duty.starts_at DESC
            LIMIT 1
        ), ''),
        coalesce((
            SELECT ticket_service.family
            FROM (
                SELECT number, service, observed_at
                FROM ticket
                WHERE ticket.unit = of_unit AND ticket.counter = of_counter
                    AND ticket.observed_at <= at AND ticket.observed_at > at - INTERVAL '2 hours'
                    AND ticket.event IN ('called', 'recalled')
                ORDER BY ticket.observed_at DESC, ticket.id DESC
                LIMIT 1
            ) AS last
            JOIN ticket_service ON ticket_service.service = last.service
            WHERE NOT EXISTS (
                SELECT FROM ticket
                WHERE ticket.unit = of_unit AND ticket.counter = of_counter
                    AND ticket.observed_at >= last.observed_at AND ticket.observed_at <= at
                    AND ticket.number = last.number
                    AND ticket.event IN ('held', 'skipped', 'transferred', 'left')
            )
        ), '')
$$;

-- Adds what a statement changed in `<name>_hourly` to `<name>_daily` and `<name>_monthly`. Arguments:
-- the name, the measures, and the key columns that days and months have besides place and time.
CREATE FUNCTION roll_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    measures text[] := string_to_array(TG_ARGV[1], ',');
    keys text := CASE WHEN TG_NARGS > 2 THEN ', ' || TG_ARGV[2] ELSE '' END;
    sums text := (SELECT string_agg(format('sum(sign * %1$I) AS %1$I', m), ', ') FROM unnest(measures) AS m);
    adds text := (SELECT string_agg(format('%1$I = total.%1$I + EXCLUDED.%1$I', m), ', ') FROM unnest(measures) AS m);
    names text := array_to_string(measures, ', ');
    changed text := array_to_string(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT 1 AS sign, * FROM added' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT -1 AS sign, * FROM removed' END
    ], ' UNION ALL ');
BEGIN
    EXECUTE format(
        'INSERT INTO %1$I AS total (unit, counter, day%2$s, %3$s, newest) '
        'SELECT unit, counter, (hour AT TIME ZONE INTERVAL ''7 hours'')::date AS day%2$s, %4$s, max(newest) '
        'FROM (%5$s) AS changed GROUP BY unit, counter, day%2$s ORDER BY unit, counter, day%2$s '
        'ON CONFLICT (unit, counter, day%2$s) DO UPDATE SET %6$s, '
        'newest = greatest(total.newest, EXCLUDED.newest)',
        TG_ARGV[0] || '_daily', keys, names, sums, changed, adds
    );
    EXECUTE format(
        'INSERT INTO %1$I AS total (unit, month%2$s, %3$s, newest) '
        'SELECT unit, date_trunc(''month'', hour AT TIME ZONE INTERVAL ''7 hours'')::date AS month%2$s, %4$s, '
        'max(newest) FROM (%5$s) AS changed GROUP BY unit, month%2$s ORDER BY unit, month%2$s '
        'ON CONFLICT (unit, month%2$s) DO UPDATE SET %6$s, '
        'newest = greatest(total.newest, EXCLUDED.newest)',
        TG_ARGV[0] || '_monthly', keys, names, sums, changed, adds
    );
    RETURN NULL;
END $$;

CREATE TABLE rating_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL,
    score_1 bigint NOT NULL, score_2 bigint NOT NULL, score_3 bigint NOT NULL, score_4 bigint NOT NULL,
    score_5 bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, day)
);
CREATE TABLE rating_monthly (
    unit text NOT NULL, month date NOT NULL,
    score_1 bigint NOT NULL, score_2 bigint NOT NULL, score_3 bigint NOT NULL, score_4 bigint NOT NULL,
    score_5 bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, month)
);

CREATE TABLE visit_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL,
    visits bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, day)
);
CREATE TABLE visit_monthly (
    unit text NOT NULL, month date NOT NULL,
    visits bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, month)
);

CREATE TABLE service_time_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL, bin smallint NOT NULL,
    visits bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, day, bin)
);
CREATE TABLE service_time_monthly (
    unit text NOT NULL, month date NOT NULL, bin smallint NOT NULL,
    visits bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, month, bin)
);

-- Waits by how they ended. `within_15` and `within_30` are exact counts of minutes waited, for the
-- targets of Decision 468; the bins give quantiles. Those that left are counted apart.
CREATE TABLE wait_hourly (
    unit text NOT NULL, counter text NOT NULL, hour timestamptz NOT NULL,
    officer text NOT NULL, family text NOT NULL, bin smallint NOT NULL,
    served bigint NOT NULL, within_15 bigint NOT NULL, within_30 bigint NOT NULL,
    abandoned bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, hour, officer, family, bin)
);
CREATE TABLE wait_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL, bin smallint NOT NULL,
    served bigint NOT NULL, within_15 bigint NOT NULL, within_30 bigint NOT NULL,
    abandoned bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, day, bin)
);
CREATE TABLE wait_monthly (
    unit text NOT NULL, month date NOT NULL, bin smallint NOT NULL,
    served bigint NOT NULL, within_15 bigint NOT NULL, within_30 bigint NOT NULL,
    abandoned bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, month, bin)
);

-- Requests for ratings by their steps; each step is a message of its own.
CREATE TABLE prompt_hourly (
    unit text NOT NULL, counter text NOT NULL, hour timestamptz NOT NULL,
    officer text NOT NULL, family text NOT NULL,
    shown bigint NOT NULL, answered bigint NOT NULL, skipped bigint NOT NULL, timed_out bigint NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, hour, officer, family)
);
CREATE TABLE prompt_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL,
    shown bigint NOT NULL, answered bigint NOT NULL, skipped bigint NOT NULL, timed_out bigint NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, day)
);
CREATE TABLE prompt_monthly (
    unit text NOT NULL, month date NOT NULL,
    shown bigint NOT NULL, answered bigint NOT NULL, skipped bigint NOT NULL, timed_out bigint NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (unit, month)
);

ALTER TABLE rating_hourly ADD COLUMN officer text NOT NULL DEFAULT '', ADD COLUMN family text NOT NULL DEFAULT '';
ALTER TABLE rating_hourly DROP CONSTRAINT rating_hourly_pkey,
    ADD PRIMARY KEY (unit, counter, hour, officer, family);
ALTER TABLE visit_hourly ADD COLUMN officer text NOT NULL DEFAULT '', ADD COLUMN family text NOT NULL DEFAULT '';
ALTER TABLE visit_hourly DROP CONSTRAINT visit_hourly_pkey,
    ADD PRIMARY KEY (unit, counter, hour, officer, family);
ALTER TABLE service_time_hourly
    ADD COLUMN officer text NOT NULL DEFAULT '', ADD COLUMN family text NOT NULL DEFAULT '';
ALTER TABLE service_time_hourly DROP CONSTRAINT service_time_hourly_pkey,
    ADD PRIMARY KEY (unit, counter, hour, officer, family, bin);

-- What hours, days and months of each total consist of, for whatever treats them alike.
CREATE TABLE hourly_total (
    name text PRIMARY KEY,
    measures text NOT NULL,
    key text
);
INSERT INTO hourly_total VALUES
    ('rating', 'score_1,score_2,score_3,score_4,score_5', NULL),
    ('visit', 'visits', NULL),
    ('service_time', 'visits', 'bin'),
    ('wait', 'served,within_15,within_30,abandoned', 'bin'),
    ('prompt', 'shown,answered,skipped,timed_out', NULL);

DO $$
DECLARE
    total hourly_total;
    arguments text;
BEGIN
    FOR total IN SELECT * FROM hourly_total LOOP
        arguments := concat_ws(', ', quote_literal(total.name), quote_literal(total.measures), quote_literal(total.key));
        EXECUTE format(
            'CREATE TRIGGER roll_up_inserted AFTER INSERT ON %I REFERENCING NEW TABLE AS added '
            'FOR EACH STATEMENT EXECUTE FUNCTION roll_up(%s)', total.name || '_hourly', arguments
        );
        EXECUTE format(
            'CREATE TRIGGER roll_up_updated AFTER UPDATE ON %I REFERENCING OLD TABLE AS removed NEW TABLE AS added '
            'FOR EACH STATEMENT EXECUTE FUNCTION roll_up(%s)', total.name || '_hourly', arguments
        );
        EXECUTE format(
            'CREATE TRIGGER roll_up_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS removed '
            'FOR EACH STATEMENT EXECUTE FUNCTION roll_up(%s)', total.name || '_hourly', arguments
        );
        EXECUTE format('CREATE INDEX ON %I (day)', total.name || '_daily');
        EXECUTE format('CREATE INDEX ON %I (officer, hour) WHERE officer <> %L', total.name || '_hourly', '');
    END LOOP;
END $$;

-- Days and months whose measures are not the sums of the level below; rows of zeros count as absent.
CREATE FUNCTION levels_that_differ(total hourly_total)
    RETURNS TABLE (level text, unit text, counter text, day date, stored jsonb, counted jsonb)
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    measures text[] := string_to_array(total.measures, ',');
    keys text := coalesce(', ' || total.key, '');
    sums text := (SELECT string_agg(format('sum(%1$I)::bigint AS %1$I', m), ', ') FROM unnest(measures) AS m);
    told text := (SELECT string_agg(format('%I <> 0', m), ' OR ') FROM unnest(measures) AS m);
BEGIN
    RETURN QUERY EXECUTE format(
        $query$
        WITH stored AS (SELECT unit, counter, day%1$s, %2$s FROM %5$I WHERE %4$s),
        counted AS (
            SELECT unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day%1$s, %3$s
            FROM %6$I GROUP BY 1, 2, (hour AT TIME ZONE INTERVAL '7 hours')::date%1$s
        )
        SELECT 'day', unit, counter, day, to_jsonb(stored), NULL::jsonb
        FROM (TABLE stored EXCEPT TABLE counted) AS stored
        UNION ALL
        SELECT 'day', unit, counter, day, NULL, to_jsonb(counted)
        FROM (SELECT * FROM counted WHERE %4$s EXCEPT TABLE stored) AS counted
        $query$,
        keys, total.measures, sums, told, total.name || '_daily', total.name || '_hourly'
    );
    RETURN QUERY EXECUTE format(
        $query$
        WITH stored AS (SELECT unit, month%1$s, %2$s FROM %5$I WHERE %4$s),
        counted AS (
            SELECT unit, date_trunc('month', day)::date AS month%1$s, %3$s
            FROM %6$I GROUP BY 1, date_trunc('month', day)::date%1$s
        )
        SELECT 'month', unit, '', month, to_jsonb(stored), NULL::jsonb
        FROM (TABLE stored EXCEPT TABLE counted) AS stored
        UNION ALL
        SELECT 'month', unit, '', month, NULL, to_jsonb(counted)
        FROM (SELECT * FROM counted WHERE %4$s EXCEPT TABLE stored) AS counted
        $query$,
        keys, total.measures, sums, told, total.name || '_monthly', total.name || '_daily'
    );
END $$;

-- Hours whose stored rows are not those that raw rows give; one of `stored` and `counted` is NULL.
CREATE FUNCTION hours_that_differ(
    total hourly_total, units text[], counters text[], hours timestamptz[]
)
    RETURNS TABLE (unit text, counter text, hour timestamptz, stored jsonb, counted jsonb)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        $query$
        WITH stored AS (
            SELECT total.* FROM %1$I AS total
            JOIN unnest($1, $2, $3) AS wanted (unit, counter, hour) USING (unit, counter, hour)
        ), counted AS (SELECT * FROM %2$I($1, $2, $3, 'infinity'))
        SELECT unit, counter, hour, to_jsonb(stored), NULL::jsonb
        FROM (TABLE stored EXCEPT TABLE counted) AS stored
        UNION ALL
        SELECT unit, counter, hour, NULL, to_jsonb(counted)
        FROM (TABLE counted EXCEPT TABLE stored) AS counted
        $query$, total.name || '_hourly', total.name || '_counts'
    ) USING units, counters, hours;
END $$;

-- Hours counted anew from raw rows, with today's knowledge of who served and what for. Whoever calls
-- has locked the totals: nobody may add between forgetting and counting.
CREATE FUNCTION count_hours_anew(
    total hourly_total, units text[], counters text[], hours timestamptz[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        $query$
        DELETE FROM %I AS total USING unnest($1, $2, $3) AS wanted (unit, counter, hour)
        WHERE total.unit = wanted.unit AND total.counter = wanted.counter AND total.hour = wanted.hour
        $query$, total.name || '_hourly'
    ) USING units, counters, hours;
    EXECUTE format(
        'INSERT INTO %I SELECT * FROM %I($1, $2, $3, ''infinity'')',
        total.name || '_hourly', total.name || '_counts'
    ) USING units, counters, hours;
END $$;

-- Days and months summed anew from hours: after a repair, and after loading hours in bulk. As integers
-- (sums of bigint are numeric) and in memory: for a year this takes longer than anything else.
CREATE FUNCTION roll_up_anew(total hourly_total) RETURNS void LANGUAGE plpgsql
    SET work_mem = '128MB' AS $$
DECLARE
    measures text[] := string_to_array(total.measures, ',');
    keys text := coalesce(', ' || total.key, '');
    sums text := (SELECT string_agg(format('sum(%I::integer)', m), ', ') FROM unnest(measures) AS m);
BEGIN
    EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', total.name || '_hourly');
    EXECUTE format('DELETE FROM %I', total.name || '_daily');
    EXECUTE format('DELETE FROM %I', total.name || '_monthly');
    EXECUTE format(
        $query$
        INSERT INTO %5$I (unit, counter, day%1$s, %2$s, newest)
        SELECT unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date%1$s, %3$s, max(newest)
        FROM %4$I GROUP BY unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date%1$s
        $query$,
        keys, total.measures, sums, total.name || '_hourly', total.name || '_daily'
    );
    EXECUTE format(
        $query$
        INSERT INTO %5$I (unit, month%1$s, %2$s, newest)
        SELECT unit, date_trunc('month', day)::date%1$s, %3$s, max(newest)
        FROM %4$I GROUP BY unit, date_trunc('month', day)::date%1$s
        $query$,
        keys, total.measures, sums, total.name || '_daily', total.name || '_monthly'
    );
END $$;

-- What was there before this migration.
INSERT INTO wait_hourly
SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), '', '', log_bin(wait_s),
    count(*) FILTER (WHERE outcome = 'served'),
    count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 900),
    count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 1800),
    count(*) FILTER (WHERE outcome = 'left'), max(observed_at)
FROM wait GROUP BY 1, 2, 3, 6;
INSERT INTO prompt_hourly
SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), '', '',
    count(*) FILTER (WHERE event = 'shown'), count(*) FILTER (WHERE event = 'answered'),
    count(*) FILTER (WHERE event = 'skipped'), count(*) FILTER (WHERE event = 'timed_out'),
    max(observed_at)
FROM prompt GROUP BY 1, 2, 3;

SELECT roll_up_anew(hourly_total) FROM hourly_total;

-- Days and months in which a counter sent anything, and in which its camera counted. To the hour: the
-- hour's own row has the exact times, and is what current figures read.
CREATE TABLE presence_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL,
    last_seen timestamptz NOT NULL, last_counted timestamptz,
    PRIMARY KEY (unit, counter, day)
);
CREATE INDEX presence_daily_day ON presence_daily (day);
CREATE TABLE presence_monthly (
    unit text NOT NULL, month date NOT NULL,
    last_seen timestamptz NOT NULL, last_counted timestamptz,
    PRIMARY KEY (unit, month)
);
CREATE FUNCTION roll_up_presence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO presence_daily AS total
    VALUES (NEW.unit, NEW.counter, (NEW.hour AT TIME ZONE INTERVAL '7 hours')::date, NEW.last_seen, NEW.last_counted)
    ON CONFLICT (unit, counter, day) DO UPDATE SET
        last_seen = greatest(total.last_seen, EXCLUDED.last_seen),
        last_counted = greatest(total.last_counted, EXCLUDED.last_counted);
    INSERT INTO presence_monthly AS total
    VALUES (
        NEW.unit, date_trunc('month', NEW.hour AT TIME ZONE INTERVAL '7 hours')::date, NEW.last_seen,
        NEW.last_counted
    )
    ON CONFLICT (unit, month) DO UPDATE SET
        last_seen = greatest(total.last_seen, EXCLUDED.last_seen),
        last_counted = greatest(total.last_counted, EXCLUDED.last_counted);
    RETURN NULL;
END $$;
INSERT INTO presence_daily
SELECT unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date, max(last_seen), max(last_counted)
FROM presence_hourly GROUP BY 1, 2, 3;
INSERT INTO presence_monthly
SELECT unit, date_trunc('month', day)::date, max(last_seen), max(last_counted)
FROM presence_daily GROUP BY 1, 2;
CREATE TRIGGER roll_up_inserted AFTER INSERT ON presence_hourly
    FOR EACH ROW EXECUTE FUNCTION roll_up_presence();
CREATE TRIGGER roll_up_counted AFTER UPDATE ON presence_hourly
    FOR EACH ROW WHEN (OLD.last_counted IS NULL AND NEW.last_counted IS NOT NULL)
    EXECUTE FUNCTION roll_up_presence();

-- What raw rows say that some hours must hold, which counting anew and verifying rest on. Rows received
-- after `known_at` are left out: so it is also what was known at that time.
CREATE FUNCTION rating_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
    RETURNS SETOF rating_hourly LANGUAGE sql STABLE AS $$
    SELECT
        wanted.unit, wanted.counter, wanted.hour,
        count(*) FILTER (WHERE score = 1), count(*) FILTER (WHERE score = 2),
        count(*) FILTER (WHERE score = 3), count(*) FILTER (WHERE score = 4),
        count(*) FILTER (WHERE score = 5), max(observed_at), officer, family
    FROM unnest(units, counters, hours) AS wanted (unit, counter, hour)
    JOIN rating
        ON rating.unit = wanted.unit AND rating.counter = wanted.counter
        AND observed_at >= wanted.hour AND observed_at < wanted.hour + INTERVAL '1 hour'
    CROSS JOIN LATERAL attribution(wanted.unit, wanted.counter, observed_at)
    WHERE amends IS NULL AND received_at <= known_at
    GROUP BY 1, 2, 3, officer, family
$$;
CREATE FUNCTION visit_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
    RETURNS SETOF visit_hourly LANGUAGE sql STABLE AS $$
    SELECT wanted.unit, wanted.counter, wanted.hour, count(*), max(observed_at), officer, family
    FROM unnest(units, counters, hours) AS wanted (unit, counter, hour)
    JOIN visit
        ON visit.unit = wanted.unit AND visit.counter = wanted.counter
        AND observed_at >= wanted.hour AND observed_at < wanted.hour + INTERVAL '1 hour'
    CROSS JOIN LATERAL attribution(
        wanted.unit, wanted.counter, started_at + (observed_at - started_at) / 2
    )
    WHERE received_at <= known_at
    GROUP BY 1, 2, 3, officer, family
$$;
CREATE FUNCTION service_time_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
    RETURNS SETOF service_time_hourly LANGUAGE sql STABLE AS $$
    SELECT
        wanted.unit, wanted.counter, wanted.hour, log_bin(service_s), count(*), max(observed_at),
        officer, family
    FROM unnest(units, counters, hours) AS wanted (unit, counter, hour)
    JOIN visit
        ON visit.unit = wanted.unit AND visit.counter = wanted.counter
        AND observed_at >= wanted.hour AND observed_at < wanted.hour + INTERVAL '1 hour'
    CROSS JOIN LATERAL attribution(
        wanted.unit, wanted.counter, started_at + (observed_at - started_at) / 2
    )
    WHERE complete AND received_at <= known_at
    GROUP BY 1, 2, 3, 4, officer, family
$$;
CREATE FUNCTION wait_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
    RETURNS SETOF wait_hourly LANGUAGE sql STABLE AS $$
    SELECT
        wanted.unit, wanted.counter, wanted.hour, officer, family, log_bin(wait_s),
        count(*) FILTER (WHERE outcome = 'served'),
        count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 900),
        count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 1800),
        count(*) FILTER (WHERE outcome = 'left'), max(observed_at)
    FROM unnest(units, counters, hours) AS wanted (unit, counter, hour)
    JOIN wait
        ON wait.unit = wanted.unit AND wait.counter = wanted.counter
        AND observed_at >= wanted.hour AND observed_at < wanted.hour + INTERVAL '1 hour'
    CROSS JOIN LATERAL attribution(wanted.unit, wanted.counter, observed_at)
    WHERE received_at <= known_at
    GROUP BY 1, 2, 3, officer, family, 6
$$;
CREATE FUNCTION prompt_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
    RETURNS SETOF prompt_hourly LANGUAGE sql STABLE AS $$
    SELECT
        wanted.unit, wanted.counter, wanted.hour, officer, family,
        count(*) FILTER (WHERE event = 'shown'), count(*) FILTER (WHERE event = 'answered'),
        count(*) FILTER (WHERE event = 'skipped'), count(*) FILTER (WHERE event = 'timed_out'),
        max(observed_at)
    FROM unnest(units, counters, hours) AS wanted (unit, counter, hour)
    JOIN prompt
        ON prompt.unit = wanted.unit AND prompt.counter = wanted.counter
        AND observed_at >= wanted.hour AND observed_at < wanted.hour + INTERVAL '1 hour'
    CROSS JOIN LATERAL attribution(wanted.unit, wanted.counter, observed_at)
    WHERE received_at <= known_at
    GROUP BY 1, 2, 3, officer, family
$$;

-- A unit's day of expressions: its first visits in whole groups of ten (decision 0012). Shares have six
-- digits here, as exact numbers: their sums depend on no order, and the square of 1e-170 is no error.
CREATE FUNCTION expression_counts(units text[], days date[])
    RETURNS SETOF expression_daily LANGUAGE sql STABLE AS $$
    SELECT
        unit, day, min(visits), count(*) FILTER (WHERE told),
        coalesce(sum(negative) FILTER (WHERE told), 0), coalesce(sum(neutral) FILTER (WHERE told), 0),
        coalesce(sum(positive) FILTER (WHERE told), 0),
        coalesce(sum(positive * positive) FILTER (WHERE told), 0),
        max(observed_at) FILTER (WHERE told)
    FROM (
        SELECT *, place <= visits - visits % 10 AS told
        FROM (
            SELECT
                wanted.unit, wanted.day, visit.observed_at,
                round(visit.negative::numeric, 6) AS negative,
                round(visit.neutral::numeric, 6) AS neutral,
                round(visit.positive::numeric, 6) AS positive,
                row_number() OVER (
                    PARTITION BY wanted.unit, wanted.day ORDER BY visit.observed_at, visit.id
                ) AS place,
                count(*) OVER (PARTITION BY wanted.unit, wanted.day) AS visits
            FROM unnest(units, days) AS wanted (unit, day)
            JOIN visit
                ON visit.unit = wanted.unit
                AND visit.observed_at >= wanted.day::timestamp AT TIME ZONE INTERVAL '7 hours'
                AND visit.observed_at < (wanted.day + 1)::timestamp AT TIME ZONE INTERVAL '7 hours'
            WHERE visit.readings IS NOT NULL
        ) AS placed
    ) AS grouped
    GROUP BY unit, day
$$;

-- The hours of a counter that hold something of the instants from `since` until `until`. A visit may
-- end, and be counted, up to a day after its middle, by which it is attributed.
CREATE FUNCTION counted_hours(of_unit text, of_counter text, since timestamptz, until timestamptz)
    RETURNS TABLE (hour timestamptz) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT date_trunc('hour', observed_at, 'UTC')
    FROM (
        SELECT observed_at FROM visit
        WHERE unit = of_unit AND counter = of_counter
            AND observed_at >= since AND observed_at < until + INTERVAL '1 day'
            AND started_at + (observed_at - started_at) / 2 >= since
            AND started_at + (observed_at - started_at) / 2 < until
        UNION ALL
        SELECT observed_at FROM rating
        WHERE unit = of_unit AND counter = of_counter AND observed_at >= since AND observed_at < until
        UNION ALL
        SELECT observed_at FROM wait
        WHERE unit = of_unit AND counter = of_counter AND observed_at >= since AND observed_at < until
        UNION ALL
        SELECT observed_at FROM prompt
        WHERE unit = of_unit AND counter = of_counter AND observed_at >= since AND observed_at < until
    ) AS counted
$$;
CREATE INDEX visit_place ON visit (unit, counter, observed_at DESC);

-- What is known at the instant that a transaction has set, for readings as of an earlier day.
CREATE FUNCTION known_at() RETURNS timestamptz LANGUAGE sql STABLE
    RETURN coalesce(nullif(current_setting('motcua.known_at', true), ''), 'infinity')::timestamptz;

-- The three levels under one name, and raw rows as a fourth, which knows when each row was received.
-- Whoever reads names the level, and only its table is touched.
CREATE VIEW rating_totals AS
SELECT 'hour' AS level, unit, counter, officer, family, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    score_1, score_2, score_3, score_4, score_5, newest
FROM rating_hourly
UNION ALL
SELECT 'day', unit, counter, '', '', day, score_1, score_2, score_3, score_4, score_5, newest FROM rating_daily
UNION ALL
SELECT 'month', unit, '', '', '', month, score_1, score_2, score_3, score_4, score_5, newest FROM rating_monthly
UNION ALL
SELECT 'raw', unit, counter, officer, family, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE score = 1), count(*) FILTER (WHERE score = 2),
    count(*) FILTER (WHERE score = 3), count(*) FILTER (WHERE score = 4),
    count(*) FILTER (WHERE score = 5), max(observed_at)
FROM rating CROSS JOIN LATERAL attribution(unit, counter, observed_at)
WHERE amends IS NULL AND received_at <= known_at()
GROUP BY unit, counter, officer, family, 6;
CREATE VIEW visit_totals AS
SELECT 'hour' AS level, unit, counter, officer, family, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    visits, newest
FROM visit_hourly
UNION ALL
SELECT 'day', unit, counter, '', '', day, visits, newest FROM visit_daily
UNION ALL
SELECT 'month', unit, '', '', '', month, visits, newest FROM visit_monthly
UNION ALL
SELECT 'raw', unit, counter, officer, family, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*), max(observed_at)
FROM visit CROSS JOIN LATERAL attribution(unit, counter, started_at + (observed_at - started_at) / 2)
WHERE received_at <= known_at()
GROUP BY unit, counter, officer, family, 6;
CREATE VIEW service_time_totals AS
SELECT 'hour' AS level, unit, counter, officer, family, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    bin, visits, newest
FROM service_time_hourly
UNION ALL
SELECT 'day', unit, counter, '', '', day, bin, visits, newest FROM service_time_daily
UNION ALL
SELECT 'month', unit, '', '', '', month, bin, visits, newest FROM service_time_monthly
UNION ALL
SELECT 'raw', unit, counter, officer, family, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    log_bin(service_s), count(*), max(observed_at)
FROM visit CROSS JOIN LATERAL attribution(unit, counter, started_at + (observed_at - started_at) / 2)
WHERE complete AND received_at <= known_at()
GROUP BY unit, counter, officer, family, 6, 7;
CREATE VIEW wait_totals AS
SELECT 'hour' AS level, unit, counter, officer, family, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    bin, served, within_15, within_30, abandoned, newest
FROM wait_hourly
UNION ALL
SELECT 'day', unit, counter, '', '', day, bin, served, within_15, within_30, abandoned, newest FROM wait_daily
UNION ALL
SELECT 'month', unit, '', '', '', month, bin, served, within_15, within_30, abandoned, newest FROM wait_monthly
UNION ALL
SELECT 'raw', unit, counter, officer, family, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    log_bin(wait_s), count(*) FILTER (WHERE outcome = 'served'),
    count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 900),
    count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 1800),
    count(*) FILTER (WHERE outcome = 'left'), max(observed_at)
FROM wait CROSS JOIN LATERAL attribution(unit, counter, observed_at)
WHERE received_at <= known_at()
GROUP BY unit, counter, officer, family, 6, 7;
CREATE VIEW prompt_totals AS
SELECT 'hour' AS level, unit, counter, officer, family, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    shown, answered, skipped, timed_out, newest
FROM prompt_hourly
UNION ALL
SELECT 'day', unit, counter, '', '', day, shown, answered, skipped, timed_out, newest FROM prompt_daily
UNION ALL
SELECT 'month', unit, '', '', '', month, shown, answered, skipped, timed_out, newest FROM prompt_monthly
UNION ALL
SELECT 'raw', unit, counter, officer, family, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE event = 'shown'), count(*) FILTER (WHERE event = 'answered'),
    count(*) FILTER (WHERE event = 'skipped'), count(*) FILTER (WHERE event = 'timed_out'),
    max(observed_at)
FROM prompt CROSS JOIN LATERAL attribution(unit, counter, observed_at)
WHERE received_at <= known_at()
GROUP BY unit, counter, officer, family, 6;
CREATE VIEW presence_totals AS
SELECT 'hour' AS level, unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    last_seen, last_counted
FROM presence_hourly
UNION ALL
SELECT 'day', unit, counter, day, last_seen, last_counted FROM presence_daily
UNION ALL
SELECT 'month', unit, '', month, last_seen, last_counted FROM presence_monthly;

-- Hours are read by local day.
DROP INDEX rating_hourly_hour, visit_hourly_hour, service_time_hourly_hour, presence_hourly_hour;
CREATE INDEX rating_hourly_day ON rating_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX visit_hourly_day ON visit_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX service_time_hourly_day ON service_time_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX wait_hourly_day ON wait_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX prompt_hourly_day ON prompt_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX presence_hourly_day ON presence_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
