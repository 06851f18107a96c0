-- Complaints whose deadlines rest on calendars or units that have changed since: the worker computes them
-- anew, page by page from the id `after` on, and then takes the row away (as dossier_stale does).
CREATE TABLE complaint_stale (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    since timestamptz NOT NULL DEFAULT now(),
    after text NOT NULL DEFAULT ''
);

CREATE FUNCTION mark_complaints_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO complaint_stale DEFAULT VALUES
    ON CONFLICT (only_one) DO UPDATE SET since = now(), after = '';
    RETURN NULL;
END $$;

CREATE TRIGGER complaints_stale_by_rule AFTER INSERT OR UPDATE OR DELETE ON calendar_rule
    FOR EACH STATEMENT EXECUTE FUNCTION mark_complaints_stale();
CREATE TRIGGER complaints_stale_by_unit AFTER UPDATE ON unit
    FOR EACH ROW
    WHEN ((OLD.calendar, OLD.parent) IS DISTINCT FROM (NEW.calendar, NEW.parent))
    EXECUTE FUNCTION mark_complaints_stale();
