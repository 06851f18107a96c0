-- What happened on a day in a unit and everything below it, or in the whole province, in words of whoever
-- answers for it. One that is taken back stays, and is shown no more.
CREATE TABLE annotation (
    id uuid PRIMARY KEY,
    unit text REFERENCES unit,
    day date NOT NULL,
    told text NOT NULL CHECK (told <> ''),
    author text NOT NULL,
    noted_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE INDEX annotation_by_day ON annotation (day) WHERE removed_at IS NULL;
