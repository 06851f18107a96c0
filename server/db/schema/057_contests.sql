-- Contests: a unit or officer objects to a figure, a rating or a class. It is assigned, answered with
-- reasons, and has an effect. Of a rating that is left out the row stays; it counts no more from then on.

CREATE TABLE contest (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('figure', 'rating', 'class')),
    unit text NOT NULL REFERENCES unit,
    officer text REFERENCES officer,
    -- As periods are written; of a rating its day.
    period text NOT NULL,
    kpi text,
    scheme text,
    rating uuid,
    reason text NOT NULL CHECK (reason <> ''),
    filed_by text NOT NULL,
    filed_at timestamptz NOT NULL,
    -- The figure, or the total of the class, when it was filed and when it was answered.
    value_before numeric,
    value_after numeric,
    assignee uuid REFERENCES account,
    assigned_by text,
    assigned_at timestamptz,
    effect text CHECK (effect IN ('kept', 'restated', 'left_out')),
    answer text,
    answered_by text,
    answered_at timestamptz,
    CHECK (CASE kind
        WHEN 'figure' THEN kpi IS NOT NULL WHEN 'rating' THEN rating IS NOT NULL
        ELSE scheme IS NOT NULL
    END),
    CHECK ((effect IS NULL) = (answered_at IS NULL) AND (effect IS NULL) = (answer IS NULL))
);
CREATE INDEX contest_of ON contest (unit, period);

ALTER TABLE contest ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON contest FOR SELECT TO motcua_reader USING (
    officer IS NULL
    OR (SELECT all_units_seen('motcua.officers'))
    OR unit = ANY ((SELECT units_seen('motcua.officers'))::text[])
    OR officer = (SELECT officer_asking())
);

CREATE TABLE rating_left_out (
    rating uuid PRIMARY KEY,
    contest uuid NOT NULL REFERENCES contest,
    at timestamptz NOT NULL
);

-- As in 012, without the ratings that are left out.
CREATE OR REPLACE FUNCTION rating_counts(units text[], counters text[], hours timestamptz[], known_at timestamptz)
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
        AND NOT EXISTS (
            SELECT FROM rating_left_out AS gone WHERE gone.rating = rating.id AND gone.at <= known_at
        )
    GROUP BY 1, 2, 3, officer, family
$$;
CREATE OR REPLACE VIEW rating_totals AS
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
    AND NOT EXISTS (
        SELECT FROM rating_left_out AS gone WHERE gone.rating = rating.id AND gone.at <= known_at()
    )
GROUP BY unit, counter, officer, family, 6;
