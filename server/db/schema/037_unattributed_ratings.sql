-- How many ratings are known to be of an officer and of a family, by day and month: to read it from
-- hours took a second for a year of the province.

CREATE TABLE unattributed_daily (
    unit text NOT NULL, counter text NOT NULL, day date NOT NULL,
    ratings bigint NOT NULL, without_officer bigint NOT NULL, without_family bigint NOT NULL,
    unlinked bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, day)
);
CREATE INDEX unattributed_daily_day ON unattributed_daily (day);
CREATE TABLE unattributed_monthly (
    unit text NOT NULL, month date NOT NULL,
    ratings bigint NOT NULL, without_officer bigint NOT NULL, without_family bigint NOT NULL,
    unlinked bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (unit, month)
);

-- What hours of ratings add to them, from a query of such hours with a sign, +1 or -1. A text, as in
-- dossier_flow_query.
CREATE FUNCTION unattributed_days_query(changed text) RETURNS text LANGUAGE sql IMMUTABLE AS $outer$
SELECT format($query$
SELECT
    unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day, sum(ratings)::bigint AS ratings,
    coalesce(sum(ratings) FILTER (WHERE officer = ''), 0)::bigint AS without_officer,
    coalesce(sum(ratings) FILTER (WHERE family = ''), 0)::bigint AS without_family,
    coalesce(sum(ratings) FILTER (WHERE officer = '' OR family = ''), 0)::bigint AS unlinked,
    max(newest) AS newest
FROM (
    SELECT unit, counter, hour, officer, family, newest,
        sign * (score_1 + score_2 + score_3 + score_4 + score_5) AS ratings
    FROM (%s) AS changed
) AS hours
GROUP BY 1, 2, 3
$query$, changed)
$outer$;

CREATE FUNCTION count_unattributed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    days text := unattributed_days_query(array_to_string(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT 1 AS sign, * FROM added' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT -1 AS sign, * FROM removed' END
    ], ' UNION ALL '));
BEGIN
    -- In the order of the keys, so that two writers wait for each other.
    EXECUTE format(
        $query$
        WITH days AS MATERIALIZED (%s), by_day AS (
            INSERT INTO unattributed_daily AS total SELECT * FROM days ORDER BY unit, counter, day
            ON CONFLICT (unit, counter, day) DO UPDATE SET
                ratings = total.ratings + EXCLUDED.ratings,
                without_officer = total.without_officer + EXCLUDED.without_officer,
                without_family = total.without_family + EXCLUDED.without_family,
                unlinked = total.unlinked + EXCLUDED.unlinked,
                newest = greatest(total.newest, EXCLUDED.newest)
        )
        INSERT INTO unattributed_monthly AS total
        SELECT
            unit, date_trunc('month', day::timestamp)::date, sum(ratings), sum(without_officer),
            sum(without_family), sum(unlinked), max(newest)
        FROM days GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (unit, month) DO UPDATE SET
            ratings = total.ratings + EXCLUDED.ratings,
            without_officer = total.without_officer + EXCLUDED.without_officer,
            without_family = total.without_family + EXCLUDED.without_family,
            unlinked = total.unlinked + EXCLUDED.unlinked,
            newest = greatest(total.newest, EXCLUDED.newest)
        $query$, days
    );
    RETURN NULL;
END $$;
CREATE TRIGGER unattributed_inserted AFTER INSERT ON rating_hourly REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_unattributed();
CREATE TRIGGER unattributed_updated AFTER UPDATE ON rating_hourly
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_unattributed();
CREATE TRIGGER unattributed_deleted AFTER DELETE ON rating_hourly REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_unattributed();

-- Both summed anew from hours: after a repair, and after loading hours in bulk.
CREATE FUNCTION count_unattributed_anew() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE rating_hourly IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM unattributed_daily;
    DELETE FROM unattributed_monthly;
    EXECUTE 'INSERT INTO unattributed_daily ' || unattributed_days_query('SELECT 1 AS sign, * FROM rating_hourly');
    INSERT INTO unattributed_monthly
    SELECT
        unit, date_trunc('month', day)::date, sum(ratings), sum(without_officer),
        sum(without_family), sum(unlinked), max(newest)
    FROM unattributed_daily GROUP BY 1, 2;
END $$;
SELECT count_unattributed_anew();

-- The levels of hours' own totals under one name, for verification: rows of zeros count as absent.
DO $$
BEGIN
    EXECUTE 'CREATE VIEW unattributed_counted AS '
        || unattributed_days_query('SELECT 1 AS sign, * FROM rating_hourly');
END $$;
CREATE FUNCTION unattributed_that_differ()
    RETURNS TABLE (level text, unit text, counter text, day date, stored jsonb, counted jsonb)
    LANGUAGE sql STABLE AS $$
    WITH stored AS (
        SELECT 'day' AS level, unit, counter, day, ratings, without_officer, without_family, unlinked
        FROM unattributed_daily
        UNION ALL
        SELECT 'month', unit, '', month, ratings, without_officer, without_family, unlinked
        FROM unattributed_monthly
    ), counted AS (
        SELECT 'day' AS level, unit, counter, day, ratings, without_officer, without_family, unlinked
        FROM unattributed_counted
        UNION ALL
        SELECT
            'month', unit, '', date_trunc('month', day)::date, sum(ratings)::bigint,
            sum(without_officer)::bigint, sum(without_family)::bigint, sum(unlinked)::bigint
        FROM unattributed_counted GROUP BY 2, 4
    )
    SELECT level, unit, counter, day, to_jsonb(told), NULL::jsonb
    FROM (SELECT * FROM stored WHERE ratings <> 0 EXCEPT TABLE counted) AS told
    UNION ALL
    SELECT level, unit, counter, day, NULL, to_jsonb(told)
    FROM (SELECT * FROM counted WHERE ratings <> 0 EXCEPT TABLE stored) AS told
$$;

-- Days and months, and raw rows, which know when each was received.
CREATE VIEW unattributed_totals AS
SELECT 'day' AS level, unit, counter, day, ratings, without_officer, without_family, unlinked, newest
FROM unattributed_daily
UNION ALL
SELECT 'month', unit, '', month, ratings, without_officer, without_family, unlinked, newest FROM unattributed_monthly
UNION ALL
SELECT
    'raw', unit, counter, (observed_at AT TIME ZONE INTERVAL '7 hours')::date, count(*),
    count(*) FILTER (WHERE officer = ''), count(*) FILTER (WHERE family = ''),
    count(*) FILTER (WHERE officer = '' OR family = ''), max(observed_at)
FROM rating CROSS JOIN LATERAL attribution(unit, counter, observed_at)
WHERE amends IS NULL AND received_at <= known_at()
GROUP BY 2, 3, 4;
