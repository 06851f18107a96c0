-- Days and months summed anew, as integers (sums of bigint are numeric) and in memory: after loading a
-- year in bulk this took longer than anything else.
CREATE OR REPLACE FUNCTION roll_up_anew(total hourly_total) RETURNS void LANGUAGE plpgsql
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
