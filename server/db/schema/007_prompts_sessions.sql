-- Streams for what comes: requests for ratings, officers on and off, transferred tickets; and a
-- device's problems as codes.

CREATE TABLE prompt (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    prompt uuid NOT NULL,
    event text NOT NULL,
    opened_by text NOT NULL,
    visit uuid,
    rating uuid,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX prompt_place ON prompt (unit, counter, observed_at DESC);

CREATE TABLE officer_session (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    session uuid NOT NULL,
    event text NOT NULL,
    officer text NOT NULL,
    method text NOT NULL,
    automatic boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX officer_session_place ON officer_session (unit, counter, observed_at DESC);

ALTER TABLE ticket ADD COLUMN to_counter text;

-- Sentences become problems with the code `other`; the history in `health` stays as it was sent.
UPDATE device SET problems = (
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', 'other', 'text', sentence)), '[]')
    FROM jsonb_array_elements_text(problems) AS sentence
)
WHERE problems <> '[]';
