-- The province's books: mergers of units, officers, their posts, and who served where.

ALTER TABLE unit
    ADD COLUMN successor text REFERENCES unit,
    -- NULL is the parent's calendar.
    ADD COLUMN calendar text,
    ADD COLUMN latitude double precision,
    ADD COLUMN longitude double precision,
    ADD CONSTRAINT unit_successor_other CHECK (successor <> id),
    ADD CONSTRAINT unit_successor_end CHECK (successor IS NULL OR valid_to < 'infinity'),
    ADD CONSTRAINT unit_place CHECK ((latitude IS NULL) = (longitude IS NULL));
CREATE INDEX unit_successor ON unit (successor) WHERE successor IS NOT NULL;

-- Where a unit stood before it came below its present parent: until the day before `until`.
CREATE TABLE unit_former_parent (
    unit text NOT NULL REFERENCES unit,
    parent text REFERENCES unit,
    until date NOT NULL,
    PRIMARY KEY (unit, until)
);

ALTER TABLE counter
    ADD COLUMN name_vi text,
    ADD COLUMN name_en text,
    ADD COLUMN valid_from date NOT NULL DEFAULT '-infinity',
    ADD COLUMN valid_to date NOT NULL DEFAULT 'infinity',
    ADD CONSTRAINT counter_days CHECK (valid_from < valid_to);

-- Personal data: the name stands here and nowhere else; everything else has the code.
CREATE TABLE officer (
    code text PRIMARY KEY CHECK (code = upper(code)),
    name text NOT NULL
);

-- Texts as ranges of one member, so that an exclusion constraint can compare them for equality: the
-- extension btree_gist, which would do that too, is not part of every PostgreSQL.
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");

CREATE TABLE officer_post (
    officer text NOT NULL REFERENCES officer,
    unit text NOT NULL REFERENCES unit,
    position text NOT NULL DEFAULT '',
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (officer, unit, valid_from),
    CONSTRAINT officer_post_days CHECK (valid_from < valid_to),
    CONSTRAINT officer_post_once EXCLUDE USING gist (
        text_range(officer || '/' || unit, officer || '/' || unit, '[]') WITH &&,
        daterange(valid_from, valid_to) WITH &&
    )
);
CREATE INDEX officer_post_unit ON officer_post (unit);

-- Who is to serve where and when, as rosters say it. A withdrawn one stays, marked.
CREATE TABLE assignment (
    id text PRIMARY KEY,
    officer text NOT NULL REFERENCES officer,
    unit text NOT NULL REFERENCES unit,
    -- NULL: somewhere in the unit.
    counter text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('import', 'api')),
    cancelled boolean NOT NULL DEFAULT false,
    stored_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (unit, counter) REFERENCES counter (unit, id),
    CONSTRAINT assignment_length CHECK (
        starts_at < ends_at AND ends_at - starts_at <= INTERVAL '400 days'
    ),
    CONSTRAINT assignment_officer_once EXCLUDE USING gist (
        text_range(officer, officer, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (NOT cancelled),
    CONSTRAINT assignment_counter_once EXCLUDE USING gist (
        text_range(unit || '/' || counter, unit || '/' || counter, '[]') WITH &&,
        tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (NOT cancelled AND counter IS NOT NULL)
);
CREATE INDEX assignment_counter ON assignment (unit, counter, starts_at);

-- What a batch over REST was answered, by the client's key, so that sending it again changes nothing.
CREATE TABLE batch_answer (
    route text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    answer jsonb,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (route, key)
);
CREATE INDEX batch_answer_at ON batch_answer (at);
