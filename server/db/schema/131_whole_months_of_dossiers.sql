-- A fourth level of dossier_total: `whole`, a unit's month. What is asked of units alone is read from it; the rows
-- of `month`, by channel and officer, are thirty times as many.

INSERT INTO dossier_total
SELECT
    'whole', role, unit, day, '', '', '',
    sum(received), sum(online), sum(other_area), sum(fee_due), sum(paid_online), sum(digitised_told),
    sum(digitised), sum(reused_told), sum(reused), sum(ended), sum(done), sum(before_time), sum(on_time),
    sum(late), sum(late_apologised), sum(supplemented), sum(result_told), sum(result_digitised), sum(rated),
    sum(satisfied), sum(apologised), sum(turned_overdue), sum(left_overdue), max(newest)
FROM dossier_total
WHERE level = 'month'
GROUP BY role, unit, day;

CREATE OR REPLACE FUNCTION dossier_totals_statement(changed text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
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
            CASE
                WHEN grouping(procedure) = 0 THEN 'procedure' WHEN grouping(officer) = 0 THEN 'month'
                WHEN grouping(day) = 0 THEN 'day' ELSE 'whole'
            END,
            unit, role, coalesce(day, month), coalesce(procedure, ''), coalesce(channel, ''),
            coalesce(officer, ''), %1$s, max(newest)
        FROM (SELECT *, date_trunc('month', day::timestamp)::date AS month FROM (%2$s) AS flow) AS flow
        GROUP BY GROUPING SETS (
            (unit, role, day), (unit, role, month), (unit, role, month, channel, officer),
            (unit, role, month, procedure)
        )
        HAVING %4$s
        ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (level, unit, role, day, procedure, channel, officer) DO UPDATE SET
            %5$s, newest = greatest(total.newest, EXCLUDED.newest)
        $query$, sums, dossier_flow_query(changed), names, told, adds
    );
END $$;

CREATE OR REPLACE FUNCTION dossier_totals_counted() RETURNS SETOF dossier_total LANGUAGE sql STABLE AS $$
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
            ('day', flow.day, '', '', ''), ('whole', month, '', '', ''),
            ('month', month, '', flow.channel, flow.officer), ('procedure', month, flow.procedure, '', '')
    ) AS part (level, day, procedure, channel, officer)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
$$;
