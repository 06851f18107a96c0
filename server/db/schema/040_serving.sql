-- Who served where, as numbers that only tell officers apart: figures of opinions and of service in which
-- fewer than three officers served name one, and who asks may not be told who.

-- Shifts of an officer in a unit's month; kept by the statements that write duty, so that a year is
-- counted from some thousand rows.
CREATE TABLE duty_monthly (
    unit text NOT NULL,
    month date NOT NULL,
    officer text NOT NULL,
    shifts bigint NOT NULL,
    PRIMARY KEY (unit, month, officer)
);
CREATE INDEX duty_monthly_month ON duty_monthly (month);
CREATE INDEX duty_started ON duty (starts_at) INCLUDE (unit, counter, officer);

CREATE FUNCTION count_shifts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text := array_to_string(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT 1 AS sign, * FROM added' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT -1 AS sign, * FROM removed' END
    ], ' UNION ALL ');
BEGIN
    EXECUTE format(
        'INSERT INTO duty_monthly AS total (unit, month, officer, shifts) '
        'SELECT unit, date_trunc(''month'', starts_at AT TIME ZONE INTERVAL ''7 hours'')::date AS month, officer, '
        'sum(sign) FROM (%s) AS changed GROUP BY unit, month, officer ORDER BY unit, month, officer '
        'ON CONFLICT (unit, month, officer) DO UPDATE SET shifts = total.shifts + EXCLUDED.shifts', changed
    );
    -- Nothing is left of who did not serve after all.
    EXECUTE format(
        'DELETE FROM duty_monthly AS total USING (%s) AS changed WHERE total.shifts = 0 '
        'AND total.unit = changed.unit AND total.officer = changed.officer AND total.month = '
        'date_trunc(''month'', changed.starts_at AT TIME ZONE INTERVAL ''7 hours'')::date', changed
    );
    RETURN NULL;
END $$;
CREATE TRIGGER count_inserted AFTER INSERT ON duty REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_shifts();
CREATE TRIGGER count_updated AFTER UPDATE ON duty REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_shifts();
CREATE TRIGGER count_deleted AFTER DELETE ON duty REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shifts();
INSERT INTO duty_monthly
SELECT unit, date_trunc('month', starts_at AT TIME ZONE INTERVAL '7 hours')::date, officer, count(*)
FROM duty GROUP BY 1, 2, 3;

-- Views of the owner: the role that the API reads with sees in them every officer, and none by name.
CREATE VIEW served_days AS
SELECT unit, counter, starts_at, hashtextextended(officer, 0) AS person FROM duty;
CREATE VIEW served_months AS
SELECT unit, month, hashtextextended(officer, 0) AS person FROM duty_monthly;
CREATE VIEW served_families AS
SELECT unit, counter, hour, family, hashtextextended(officer, 0) AS person FROM visit_hourly WHERE officer <> ''
UNION ALL
SELECT unit, counter, hour, family, hashtextextended(officer, 0) FROM rating_hourly WHERE officer <> ''
UNION ALL
SELECT unit, counter, hour, family, hashtextextended(officer, 0) FROM prompt_hourly WHERE officer <> '';
CREATE VIEW decided_dossiers AS
SELECT dossier.resolving_unit AS unit, dossier.ended_at, procedure.family, dossier.procedure, dossier.channel,
    hashtextextended(dossier.officer, 0) AS person
FROM dossier LEFT JOIN procedure ON procedure.code = dossier.procedure
WHERE dossier.officer IS NOT NULL AND dossier.ended_at IS NOT NULL;
CREATE VIEW decided_months AS
SELECT unit, day AS month, channel, hashtextextended(officer, 0) AS person
FROM dossier_total
WHERE level = 'month' AND role = 'resolving' AND officer <> '' AND (ended > 0 OR rated > 0);
CREATE VIEW answered_complaints AS
SELECT complaint.unit, complaint.ended_at, procedure.family, complaint.procedure,
    hashtextextended(complaint.officer, 0) AS person
FROM complaint LEFT JOIN procedure ON procedure.code = complaint.procedure
WHERE complaint.officer IS NOT NULL AND complaint.ended_at IS NOT NULL;
