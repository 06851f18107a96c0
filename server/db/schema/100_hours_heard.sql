-- Which hours of a counter's local day it was heard in, and in which its camera counted, as bits (1 << hour)
-- beside the day: a year of the province was two million rows of hours to read for a share of time.

ALTER TABLE presence_daily
    ADD COLUMN heard_hours integer NOT NULL DEFAULT 0,
    ADD COLUMN counted_hours integer NOT NULL DEFAULT 0;

CREATE FUNCTION hour_bit(hour timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 1 << extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::integer;

UPDATE presence_daily SET heard_hours = told.heard, counted_hours = told.counted
FROM (
    SELECT
        unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day, bit_or(hour_bit(hour)) AS heard,
        coalesce(bit_or(hour_bit(hour)) FILTER (WHERE last_counted IS NOT NULL), 0) AS counted
    FROM presence_hourly GROUP BY 1, 2, 3
) AS told
WHERE presence_daily.unit = told.unit AND presence_daily.counter = told.counter AND presence_daily.day = told.day;

CREATE OR REPLACE FUNCTION roll_up_presence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO presence_daily AS total (
        unit, counter, day, last_seen, last_counted, heard_hours, counted_hours
    )
    VALUES (
        NEW.unit, NEW.counter, (NEW.hour AT TIME ZONE INTERVAL '7 hours')::date, NEW.last_seen, NEW.last_counted,
        hour_bit(NEW.hour), CASE WHEN NEW.last_counted IS NULL THEN 0 ELSE hour_bit(NEW.hour) END
    )
    ON CONFLICT (unit, counter, day) DO UPDATE SET
        last_seen = greatest(total.last_seen, EXCLUDED.last_seen),
        last_counted = greatest(total.last_counted, EXCLUDED.last_counted),
        heard_hours = total.heard_hours | EXCLUDED.heard_hours,
        counted_hours = total.counted_hours | EXCLUDED.counted_hours;
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
