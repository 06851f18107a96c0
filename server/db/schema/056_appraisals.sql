-- Appraisals of units and officers by a legal scheme: who scored what when. An appraisal goes from the self
-- score over the next level's score and the answer to the final one; its steps are only added.

CREATE TABLE appraisal (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    scheme text NOT NULL,
    version integer NOT NULL,
    unit text NOT NULL REFERENCES unit,
    officer text REFERENCES officer,
    period text NOT NULL,
    state text NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'self_scored', 'appraised', 'answered', 'final')),
    appraiser uuid NOT NULL REFERENCES account,
    -- Until when the next step has to be taken; none after the last.
    due_at timestamptz,
    opened_by text NOT NULL,
    opened_at timestamptz NOT NULL,
    CHECK ((state = 'final') = (due_at IS NULL)),
    CONSTRAINT appraisal_once UNIQUE NULLS NOT DISTINCT (scheme, unit, officer, period)
);
CREATE INDEX appraisal_appraiser ON appraisal (appraiser) WHERE state <> 'final';

CREATE TABLE appraisal_step (
    appraisal uuid NOT NULL REFERENCES appraisal,
    number integer NOT NULL,
    step text NOT NULL
        CHECK (step IN ('opened', 'self_score', 'appraisal', 'answer', 'final', 'handed_over')),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    -- The deadline that held for it.
    due_at timestamptz,
    comment text NOT NULL DEFAULT '',
    -- What was scored: term, points or numerator and denominator, evidence.
    entries jsonb NOT NULL DEFAULT '[]',
    -- Of the final step: the total and class that came of it.
    total numeric,
    band text,
    PRIMARY KEY (appraisal, number)
);
CREATE TRIGGER appraisal_step_stays
    BEFORE UPDATE OR DELETE OR TRUNCATE ON appraisal_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Of officers' appraisals the API reads those that whoever asks may see.
ALTER TABLE appraisal ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON appraisal FOR SELECT TO motcua_reader USING (
    officer IS NULL
    OR (SELECT all_units_seen('motcua.officers'))
    OR unit = ANY ((SELECT units_seen('motcua.officers'))::text[])
    OR officer = (SELECT officer_asking())
);
ALTER TABLE appraisal_step ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON appraisal_step FOR SELECT TO motcua_reader USING (
    EXISTS (SELECT FROM appraisal WHERE appraisal.id = appraisal_step.appraisal)
);

-- Whether somebody to whom something is given is still there: the names of accounts, and no more.
CREATE VIEW account_there AS SELECT id, name, disabled_at IS NULL AS is_there FROM account;
