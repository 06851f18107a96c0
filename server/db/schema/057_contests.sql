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

CREATE POLICY written ON contest FOR ALL TO motcua_writer USING (true);

CREATE TABLE rating_left_out (
    rating uuid PRIMARY KEY,
    contest uuid NOT NULL REFERENCES contest,
    at timestamptz NOT NULL
);

-- Its hour is counted anew; what counts ratings leaves it out (065).
CREATE FUNCTION mark_left_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dirty_hour (unit, counter, hour, cause)
    SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), 'contest'
    FROM rating WHERE id = NEW.rating AND amends IS NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER mark_left_out AFTER INSERT ON rating_left_out
    FOR EACH ROW EXECUTE FUNCTION mark_left_out();
