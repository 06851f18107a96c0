-- name: lock_duty
-- Two writers must not derive the same counter's duty at once; the lock goes with the transaction.
SELECT pg_advisory_xact_lock(hashtextextended(unit || '/' || counter, 0))
FROM unnest(%(unit)s::text[], %(counter)s::text[]) AS wanted (unit, counter)
ORDER BY unit, counter

-- name: refresh_duty
-- Derives who served at these counters on the local days around `since` and `until`. An officer who
-- signed on is on duty until signing off, the next sign-on at the counter, or midnight; in the rest of
-- the time the one whom the roster assigns, cut at midnight. Marks what is counted already of the
-- instants that now have another officer.
WITH wanted AS (
    SELECT
        unit, counter,
        date_trunc('day', since, 'Asia/Ho_Chi_Minh') - INTERVAL '1 day' AS since,
        date_trunc('day', until, 'Asia/Ho_Chi_Minh') + INTERVAL '2 days' AS until
    FROM unnest(
        %(unit)s::text[], %(counter)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]
    ) AS wanted (unit, counter, since, until)
), sessions AS (
    SELECT
        wanted.unit, wanted.counter, told.session, upper(min(told.officer)) AS officer,
        min(told.observed_at) FILTER (WHERE told.event = 'on') AS starts_at,
        min(told.observed_at) FILTER (WHERE told.event = 'off') AS ends_at
    FROM wanted
    JOIN sign_ons AS told
        ON told.unit = wanted.unit AND told.counter = wanted.counter
        AND told.observed_at >= wanted.since AND told.observed_at < wanted.until
    GROUP BY 1, 2, 3
), signed AS (
    SELECT unit, counter, officer, starts_at, true AS signed_on, least(
        ends_at, lead(starts_at) OVER (PARTITION BY unit, counter ORDER BY starts_at, session),
        date_trunc('day', starts_at, 'Asia/Ho_Chi_Minh') + INTERVAL '1 day'
    ) AS ends_at
    FROM sessions
    WHERE starts_at IS NOT NULL
), rostered AS (
    SELECT
        wanted.unit, wanted.counter, told.officer,
        unnest(tstzmultirange(
            tstzrange(told.starts_at, told.ends_at) * tstzrange(day, day + INTERVAL '1 day')
        ) - coalesce((
            SELECT range_agg(tstzrange(signed.starts_at, signed.ends_at))
            FROM signed
            WHERE signed.unit = wanted.unit AND signed.counter = wanted.counter
                AND signed.starts_at < signed.ends_at
        ), '{}')) AS span
    FROM wanted
    JOIN assignment AS told
        ON told.unit = wanted.unit AND told.counter = wanted.counter AND NOT told.cancelled
        AND told.starts_at < wanted.until AND told.ends_at > wanted.since
    CROSS JOIN generate_series(
        greatest(wanted.since, date_trunc('day', told.starts_at, 'Asia/Ho_Chi_Minh')),
        least(wanted.until, told.ends_at) - INTERVAL '1 microsecond', INTERVAL '1 day'
    ) AS day
), derived AS (
    SELECT unit, counter, officer, starts_at, ends_at, signed_on
    FROM signed
    WHERE starts_at < ends_at
    UNION ALL
    SELECT unit, counter, officer, lower(span), upper(span), false
    FROM rostered
), known AS (
    SELECT duty.unit, duty.counter, duty.officer, duty.starts_at, duty.ends_at
    FROM wanted
    JOIN duty
        ON duty.unit = wanted.unit AND duty.counter = wanted.counter
        AND duty.starts_at >= wanted.since AND duty.starts_at < wanted.until
), gone AS (
    DELETE FROM duty USING known
    WHERE duty.unit = known.unit AND duty.counter = known.counter
        AND duty.starts_at = known.starts_at
        AND NOT EXISTS (
            SELECT FROM derived
            WHERE derived.unit = duty.unit AND derived.counter = duty.counter
                AND derived.starts_at = duty.starts_at
        )
), kept AS (
    INSERT INTO duty AS known (unit, counter, officer, starts_at, ends_at, signed_on)
    SELECT unit, counter, officer, starts_at, ends_at, signed_on FROM derived
    ON CONFLICT (unit, counter, starts_at) DO UPDATE SET
        officer = EXCLUDED.officer, ends_at = EXCLUDED.ends_at, signed_on = EXCLUDED.signed_on
    WHERE (known.officer, known.ends_at, known.signed_on)
        IS DISTINCT FROM (EXCLUDED.officer, EXCLUDED.ends_at, EXCLUDED.signed_on)
), spans AS (
    SELECT unit, counter, officer, range_agg(tstzrange(starts_at, ends_at)) AS before,
        '{}'::tstzmultirange AS after
    FROM known GROUP BY 1, 2, 3
    UNION ALL
    SELECT unit, counter, officer, '{}', range_agg(tstzrange(starts_at, ends_at))
    FROM derived GROUP BY 1, 2, 3
), changed AS (
    SELECT unit, counter, unnest(
        (range_agg(before) - range_agg(after)) + (range_agg(after) - range_agg(before))
    ) AS span
    FROM spans GROUP BY unit, counter, officer
)
INSERT INTO dirty_hour (unit, counter, hour, cause)
SELECT DISTINCT changed.unit, changed.counter, counted.hour, 'duty'
FROM changed
CROSS JOIN LATERAL counted_hours(
    changed.unit, changed.counter, lower(changed.span), upper(changed.span)
) AS counted (hour)
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING
