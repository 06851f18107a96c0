-- Alerts that late data contradict, messages of which nobody knows whether they arrived, and rules that cannot
-- be judged.

-- The channel had the whole of it, as far as we know, and did not answer: it may be told twice, under one id.
ALTER TABLE alert_message ADD COLUMN uncertain boolean NOT NULL DEFAULT false;

-- Until which receipt late data of an alert's minutes have been looked at: each is looked at once.
CREATE TABLE alert_check (
    alert uuid PRIMARY KEY REFERENCES alert,
    late_until timestamptz NOT NULL
);

-- Rules that could not be judged last time, or whose figures could not be read: none while all is well.
CREATE TABLE alert_unjudged (
    rule text PRIMARY KEY,
    since timestamptz NOT NULL,
    tried_at timestamptz NOT NULL,
    -- The kind of the error, no text of it: that may hold values.
    problem text NOT NULL
);
