-- What totals of dossiers must hold, counted from the dossiers: to verify them and to repair them.

CREATE FUNCTION dossier_totals_counted() RETURNS SETOF dossier_total LANGUAGE sql STABLE AS $$
    SELECT
        part.level, role, unit, part.day, part.procedure, part.channel, part.officer,
        sum(received)::int, sum(online)::int, sum(other_area)::int, sum(fee_due)::int, sum(paid_online)::int,
        sum(digitised_told)::int, sum(digitised)::int, sum(reused_told)::int, sum(reused)::int,
        sum(ended)::int, sum(done)::int, sum(before_time)::int, sum(on_time)::int, sum(late)::int,
        sum(late_apologised)::int, sum(supplemented)::int, sum(result_told)::int,
        sum(result_digitised)::int, sum(rated)::int, sum(satisfied)::int, sum(apologised)::int,
        sum(turned_overdue)::int, sum(left_overdue)::int, max(newest)
    FROM (SELECT *, date_trunc('month', day::timestamp)::date AS month FROM dossier_flow) AS flow
    CROSS JOIN LATERAL (
        VALUES
            ('day', flow.day, '', '', ''), ('month', month, '', flow.channel, flow.officer),
            ('procedure', month, flow.procedure, '', '')
    ) AS part (level, day, procedure, channel, officer)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
$$;

-- A row of totals as one value without `newest`, which never goes back; NULL where all counts are zero,
-- for a row of zeros is as good as none.
CREATE FUNCTION dossier_counts(total dossier_total) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(key, value)
    FROM jsonb_each(to_jsonb(total))
    WHERE jsonb_typeof(value) = 'number' AND value <> '0'
$$;

-- Keys whose stored counts are not those of the dossiers.
CREATE VIEW dossier_total_difference AS
SELECT
    level, role, unit, day, procedure, channel, officer,
    dossier_counts(stored) AS stored, dossier_counts(counted) AS counted
FROM dossier_total AS stored
FULL JOIN dossier_totals_counted() AS counted
    USING (level, role, unit, day, procedure, channel, officer)
WHERE (
    stored.received, stored.online, stored.other_area, stored.fee_due, stored.paid_online,
    stored.digitised_told, stored.digitised, stored.reused_told, stored.reused, stored.ended, stored.done,
    stored.before_time, stored.on_time, stored.late, stored.late_apologised, stored.supplemented,
    stored.result_told, stored.result_digitised, stored.rated, stored.satisfied, stored.apologised,
    stored.turned_overdue, stored.left_overdue
) IS DISTINCT FROM (
    counted.received, counted.online, counted.other_area, counted.fee_due, counted.paid_online,
    counted.digitised_told, counted.digitised, counted.reused_told, counted.reused, counted.ended, counted.done,
    counted.before_time, counted.on_time, counted.late, counted.late_apologised, counted.supplemented,
    counted.result_told, counted.result_digitised, counted.rated, counted.satisfied, counted.apologised,
    counted.turned_overdue, counted.left_overdue
)
AND dossier_counts(stored) IS DISTINCT FROM dossier_counts(counted);

CREATE VIEW dossier_duration_difference AS
SELECT
    unit, month, bin, coalesce(stored.done, 0) AS stored_done, coalesce(stored.lost, 0) AS stored_lost,
    coalesce(counted.done, 0) AS counted_done, coalesce(counted.lost, 0) AS counted_lost
FROM dossier_duration_monthly AS stored
FULL JOIN (
    SELECT
        unit, date_trunc('month', begun_at AT TIME ZONE INTERVAL '7 hours')::date AS month, bin,
        sum(done)::int AS done, sum(lost)::int AS lost
    FROM dossier_duration
    GROUP BY 1, 2, 3
) AS counted USING (unit, month, bin)
WHERE (coalesce(stored.done, 0), coalesce(stored.lost, 0))
    IS DISTINCT FROM (coalesce(counted.done, 0), coalesce(counted.lost, 0));
