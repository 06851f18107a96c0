-- Alerts: what departs from its usual range, raised once a cause, with every step and message. The worker
-- judges in one transaction: conditions, steps and messages stand together or not at all, so that a worker
-- that is killed loses no alert and raises none twice.

CREATE TABLE alert (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    rule text NOT NULL,
    rule_version integer NOT NULL,
    -- NULL for the province.
    unit text REFERENCES unit,
    severity text NOT NULL CHECK (severity IN ('notice', 'serious', 'critical')),
    state text NOT NULL CHECK (
        state IN ('raised', 'acknowledged', 'assigned', 'snoozed', 'resolved', 'withdrawn')
    ),
    raised_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    resolved_at timestamptz,
    closed_by_people boolean NOT NULL DEFAULT false,
    snoozed_until timestamptz,
    assignee text,
    escalated integer NOT NULL DEFAULT 0,
    verdict text CHECK (verdict IN ('right', 'false')),
    -- Devices of the unit, or units of the province.
    subjects text[] NOT NULL DEFAULT '{}',
    -- The figure that raised it. None of an opinion: those are told by readings alone, which withhold
    -- what would tell of few.
    value double precision,
    usual_low double precision,
    usual_high double precision,
    n integer NOT NULL DEFAULT 0,
    observed_at timestamptz,
    CHECK ((state IN ('resolved', 'withdrawn')) = (resolved_at IS NOT NULL))
);
-- One cause is one alert, whoever raises it.
CREATE UNIQUE INDEX alert_open ON alert (rule, unit) NULLS NOT DISTINCT
    WHERE state NOT IN ('resolved', 'withdrawn');
CREATE INDEX alert_changed ON alert (changed_at DESC);
CREATE INDEX alert_similar ON alert (rule, unit, raised_at DESC);

CREATE TABLE alert_step (
    alert uuid NOT NULL REFERENCES alert,
    number integer NOT NULL,
    step text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (alert, number)
);
CREATE TRIGGER alert_step_stays
    BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Conditions that hold at this moment, raised or not: a few rows, whatever the history.
CREATE TABLE alert_condition (
    rule text NOT NULL,
    unit text,
    subject text NOT NULL,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (rule, unit, subject)
);

-- Which looks at closed days have been made: each once, whoever is killed.
CREATE TABLE alert_look (
    rule text NOT NULL,
    day date NOT NULL,
    made_at timestamptz NOT NULL,
    judged integer NOT NULL,
    PRIMARY KEY (rule, day)
);

-- What is told to a channel: written with the step that it tells, sent afterwards, under an id that stays.
CREATE TABLE alert_message (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    alert uuid NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    created_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    attempted_at timestamptz,
    sent_at timestamptz,
    receipt text,
    problem text,
    dead_at timestamptz,
    UNIQUE (alert, step, channel),
    FOREIGN KEY (alert, step) REFERENCES alert_step (alert, number)
);
CREATE INDEX alert_message_waiting ON alert_message (channel, not_before)
    WHERE sent_at IS NULL AND dead_at IS NULL;

-- The province's own rules and changes of those that are shipped: the newest of an id holds.
CREATE TABLE alert_rule_change (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    reason text NOT NULL,
    definition jsonb NOT NULL
);
CREATE INDEX alert_rule_change_rule ON alert_rule_change (rule, number DESC);
CREATE TRIGGER alert_rule_change_stays
    BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_rule_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
