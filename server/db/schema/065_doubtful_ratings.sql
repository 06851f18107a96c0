-- Ratings that are doubtful or were taken back are kept and left out of official totals; both totals
-- are additive. A rating's standing follows from runtime/suspicion.py and from the raw rows alone, so
-- that late rows give the same (server/facts/standings.py).

ALTER TABLE rating
    ADD COLUMN visit uuid,
    ADD COLUMN presence text,
    ADD COLUMN held_s double precision,
    ADD COLUMN marked text NOT NULL DEFAULT '',
    ADD COLUMN withdrawn boolean NOT NULL DEFAULT false,
    ADD COLUMN suspect text NOT NULL DEFAULT '',
    ADD COLUMN standing text NOT NULL DEFAULT 'official'
        CHECK (standing IN ('new', 'official', 'suspect', 'withdrawn'));
COMMENT ON COLUMN rating.marked IS 'what the device doubts, with commas between';
COMMENT ON COLUMN rating.suspect IS 'what device and server doubt, with commas between';
COMMENT ON COLUMN rating.standing IS 'new: not judged yet, and in no total; only within a transaction';
CREATE INDEX rating_visit ON rating (visit, observed_at) WHERE visit IS NOT NULL;
-- Which were taken back is asked of each rating that is judged: of thousands after an outage.
CREATE INDEX rating_amends ON rating (amends, observed_at) WHERE amends IS NOT NULL;

ALTER TABLE rating_hourly
    ADD COLUMN suspect_1 bigint NOT NULL DEFAULT 0, ADD COLUMN suspect_2 bigint NOT NULL DEFAULT 0,
    ADD COLUMN suspect_3 bigint NOT NULL DEFAULT 0, ADD COLUMN suspect_4 bigint NOT NULL DEFAULT 0,
    ADD COLUMN suspect_5 bigint NOT NULL DEFAULT 0;
ALTER TABLE rating_daily
    ADD COLUMN suspect_1 bigint NOT NULL DEFAULT 0, ADD COLUMN suspect_2 bigint NOT NULL DEFAULT 0,
    ADD COLUMN suspect_3 bigint NOT NULL DEFAULT 0, ADD COLUMN suspect_4 bigint NOT NULL DEFAULT 0,
    ADD COLUMN suspect_5 bigint NOT NULL DEFAULT 0;
ALTER TABLE rating_monthly
    ADD COLUMN suspect_1 bigint NOT NULL DEFAULT 0, ADD COLUMN suspect_2 bigint NOT NULL DEFAULT 0,
    ADD COLUMN suspect_3 bigint NOT NULL DEFAULT 0, ADD COLUMN suspect_4 bigint NOT NULL DEFAULT 0,
    ADD COLUMN suspect_5 bigint NOT NULL DEFAULT 0;

UPDATE hourly_total SET
    measures = 'score_1,score_2,score_3,score_4,score_5,suspect_1,suspect_2,suspect_3,suspect_4,suspect_5'
WHERE name = 'rating';
DO $$
DECLARE
    arguments text := (
        SELECT concat_ws(', ', quote_literal(name), quote_literal(measures)) FROM hourly_total WHERE name = 'rating'
    );
BEGIN
    DROP TRIGGER roll_up_inserted ON rating_hourly;
    DROP TRIGGER roll_up_updated ON rating_hourly;
    DROP TRIGGER roll_up_deleted ON rating_hourly;
    EXECUTE format(
        'CREATE TRIGGER roll_up_inserted AFTER INSERT ON rating_hourly REFERENCING NEW TABLE AS added '
        'FOR EACH STATEMENT EXECUTE FUNCTION roll_up(%s)', arguments
    );
    EXECUTE format(
        'CREATE TRIGGER roll_up_updated AFTER UPDATE ON rating_hourly REFERENCING OLD TABLE AS removed NEW TABLE AS added '
        'FOR EACH STATEMENT EXECUTE FUNCTION roll_up(%s)', arguments
    );
    EXECUTE format(
        'CREATE TRIGGER roll_up_deleted AFTER DELETE ON rating_hourly REFERENCING OLD TABLE AS removed '
        'FOR EACH STATEMENT EXECUTE FUNCTION roll_up(%s)', arguments
    );
END $$;

-- Withdrawn ratings count nowhere, but their time tells that something was received.
CREATE OR REPLACE FUNCTION rating_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
    RETURNS SETOF rating_hourly LANGUAGE sql STABLE AS $$
    SELECT
        wanted.unit, wanted.counter, wanted.hour,
        count(*) FILTER (WHERE score = 1 AND standing = 'official'),
        count(*) FILTER (WHERE score = 2 AND standing = 'official'),
        count(*) FILTER (WHERE score = 3 AND standing = 'official'),
        count(*) FILTER (WHERE score = 4 AND standing = 'official'),
        count(*) FILTER (WHERE score = 5 AND standing = 'official'),
        max(observed_at), officer, family,
        count(*) FILTER (WHERE score = 1 AND standing = 'suspect'),
        count(*) FILTER (WHERE score = 2 AND standing = 'suspect'),
        count(*) FILTER (WHERE score = 3 AND standing = 'suspect'),
        count(*) FILTER (WHERE score = 4 AND standing = 'suspect'),
        count(*) FILTER (WHERE score = 5 AND standing = 'suspect')
    FROM unnest(units, counters, hours) AS wanted (unit, counter, hour)
    JOIN rating
        ON rating.unit = wanted.unit AND rating.counter = wanted.counter
        AND observed_at >= wanted.hour AND observed_at < wanted.hour + INTERVAL '1 hour'
    CROSS JOIN LATERAL attribution(wanted.unit, wanted.counter, observed_at)
    WHERE amends IS NULL AND received_at <= known_at AND NOT EXISTS (
        SELECT FROM rating_left_out AS gone WHERE gone.rating = rating.id AND gone.at <= known_at
    )
    GROUP BY 1, 2, 3, officer, family
$$;

CREATE OR REPLACE VIEW rating_totals AS
SELECT 'hour' AS level, unit, counter, officer, family, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
    score_1, score_2, score_3, score_4, score_5, newest, suspect_1, suspect_2, suspect_3, suspect_4, suspect_5
FROM rating_hourly
UNION ALL
SELECT 'day', unit, counter, '', '', day, score_1, score_2, score_3, score_4, score_5, newest,
    suspect_1, suspect_2, suspect_3, suspect_4, suspect_5
FROM rating_daily
UNION ALL
SELECT 'month', unit, '', '', '', month, score_1, score_2, score_3, score_4, score_5, newest,
    suspect_1, suspect_2, suspect_3, suspect_4, suspect_5
FROM rating_monthly
UNION ALL
SELECT 'raw', unit, counter, officer, family, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE score = 1 AND standing = 'official'),
    count(*) FILTER (WHERE score = 2 AND standing = 'official'),
    count(*) FILTER (WHERE score = 3 AND standing = 'official'),
    count(*) FILTER (WHERE score = 4 AND standing = 'official'),
    count(*) FILTER (WHERE score = 5 AND standing = 'official'), max(observed_at),
    count(*) FILTER (WHERE score = 1 AND standing = 'suspect'),
    count(*) FILTER (WHERE score = 2 AND standing = 'suspect'),
    count(*) FILTER (WHERE score = 3 AND standing = 'suspect'),
    count(*) FILTER (WHERE score = 4 AND standing = 'suspect'),
    count(*) FILTER (WHERE score = 5 AND standing = 'suspect')
FROM rating CROSS JOIN LATERAL attribution(unit, counter, observed_at)
WHERE amends IS NULL AND received_at <= known_at() AND NOT EXISTS (
    SELECT FROM rating_left_out AS gone WHERE gone.rating = rating.id AND gone.at <= known_at()
)
GROUP BY unit, counter, officer, family, 6;
