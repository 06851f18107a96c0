-- What a complaint is about, as far as the system that sends it classifies it; never its words.
ALTER TABLE complaint ADD COLUMN subject text
    CHECK (subject IN ('attitude', 'delay', 'guidance', 'papers', 'payment', 'facilities', 'other'));
ALTER TABLE complaint_past ADD COLUMN subject text;

CREATE OR REPLACE FUNCTION keep_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO complaint_past VALUES (
        OLD.id, coalesce(OLD.known_from, OLD.stored_at), statement_timestamp(), OLD.unit,
        OLD.procedure, OLD.officer, OLD.received_at, OLD.resolved_at, OLD.published_at, OLD.satisfied,
        OLD.publish_due, OLD.ended_at, OLD.overdue_at, OLD.in_time, OLD.subject
    ) ON CONFLICT DO NOTHING;
    NEW.known_from := statement_timestamp();
    RETURN NEW;
END $$;
DROP TRIGGER keep ON complaint;
CREATE TRIGGER keep BEFORE UPDATE ON complaint
    FOR EACH ROW
    WHEN ((
        OLD.unit, OLD.procedure, OLD.officer, OLD.received_at, OLD.resolved_at, OLD.published_at,
        OLD.satisfied, OLD.publish_due, OLD.ended_at, OLD.overdue_at, OLD.in_time, OLD.subject
    ) IS DISTINCT FROM (
        NEW.unit, NEW.procedure, NEW.officer, NEW.received_at, NEW.resolved_at, NEW.published_at,
        NEW.satisfied, NEW.publish_due, NEW.ended_at, NEW.overdue_at, NEW.in_time, NEW.subject
    ))
    EXECUTE FUNCTION keep_complaint();

CREATE OR REPLACE VIEW complaint_known AS
SELECT
    id, unit, procedure, officer, received_at, resolved_at, published_at, satisfied, publish_due,
    ended_at, overdue_at, in_time, subject
FROM complaint
WHERE coalesce(known_from, stored_at) <= known_at()
UNION ALL
SELECT
    id, unit, procedure, officer, received_at, resolved_at, published_at, satisfied, publish_due,
    ended_at, overdue_at, in_time, subject
FROM complaint_past
WHERE known_from <= known_at() AND known_until > known_at();
