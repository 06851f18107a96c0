-- Raw rows that retention drops: from then on their hours are listed, never counted anew. Nobody moved the
-- horizon until now, so that counting anew would have forgotten what the totals still know.

-- A policy drops what is older than its age at its next run: what may be gone counts as gone, by whole local
-- days. Without TimescaleDB nothing is dropped.
CREATE FUNCTION follow_retention() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('timescaledb_information.jobs') IS NOT NULL THEN
        UPDATE raw_horizon SET kept_from = greatest(kept_from, (
            SELECT
                date_trunc('day', now() - min((config ->> 'drop_after')::interval), 'Asia/Ho_Chi_Minh')
                + INTERVAL '1 day'
            FROM timescaledb_information.jobs
            WHERE proc_name = 'policy_retention'
                AND hypertable_schema = current_schema()
                AND hypertable_name IN ('visit', 'wait', 'ticket', 'rating', 'prompt', 'officer_session')
        ));
    END IF;
END $$;
