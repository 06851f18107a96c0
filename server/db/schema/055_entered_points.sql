-- Points and counts that somebody entered for a criterion of a legal scheme, with the evidence. Rows are
-- only added: the newest of a criterion, unit, officer and period holds, and the older ones are its history.
-- `term` is the criterion's id in the scheme's file. One that is `withdrawn` takes what was entered away.

CREATE TABLE entered_point (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scheme text NOT NULL,
    term text NOT NULL,
    unit text NOT NULL REFERENCES unit,
    officer text REFERENCES officer,
    -- As periods are written: 2026-10, 2026-Q4, 2026.
    period text NOT NULL,
    points numeric CHECK (points >= 0),
    numerator numeric CHECK (numerator >= 0),
    denominator numeric CHECK (denominator >= 0),
    withdrawn boolean NOT NULL DEFAULT false,
    evidence text NOT NULL CHECK (evidence <> ''),
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL,
    CHECK (withdrawn OR (points IS NULL) <> (numerator IS NULL)),
    CHECK (denominator IS NULL OR numerator IS NOT NULL)
);
CREATE INDEX entered_point_of ON entered_point (scheme, period, unit, officer, term, id DESC);

-- Of officers' points the API reads those that whoever asks may see.
ALTER TABLE entered_point ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON entered_point FOR SELECT TO motcua_reader USING (
    officer IS NULL
    OR (SELECT all_units_seen('motcua.officers'))
    OR unit = ANY ((SELECT units_seen('motcua.officers'))::text[])
    OR officer = (SELECT officer_asking())
);
