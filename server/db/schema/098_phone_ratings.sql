-- Ratings that citizens gave on their own telephones, by the token of one visit. Ingest carries each to
-- `rating`, as if the device had sent it, so that one set of rules holds for all.
CREATE TABLE phone_rating (
    id uuid PRIMARY KEY,
    -- The request for a rating that the token names: it is used once.
    request uuid NOT NULL UNIQUE,
    -- The page on which it was filled in: sent again, it is the same rating.
    form uuid NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    -- Where it was rated, of the same unit.
    place text NOT NULL,
    observed_at timestamptz NOT NULL,
    given_at timestamptz NOT NULL,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    reasons text NOT NULL DEFAULT '',
    language text NOT NULL CHECK (language IN ('vi', 'en')),
    visit uuid,
    carried_at timestamptz
);
COMMENT ON COLUMN phone_rating.observed_at IS 'when the device asked: of the service that is rated';
COMMENT ON COLUMN phone_rating.given_at IS 'when the telephone sent it';
CREATE INDEX phone_rating_to_carry ON phone_rating (given_at) WHERE carried_at IS NULL;
CREATE INDEX phone_rating_age ON phone_rating (given_at);

CREATE TABLE phone_answer (
    rating uuid NOT NULL REFERENCES phone_rating ON DELETE CASCADE,
    questions text NOT NULL,
    question text NOT NULL,
    answer smallint NOT NULL CHECK (answer BETWEEN 1 AND 5),
    PRIMARY KEY (rating, question)
);

-- What a citizen wrote beside a rating. It is held back until somebody of the unit has read it.
CREATE TABLE comment (
    rating uuid PRIMARY KEY REFERENCES phone_rating ON DELETE CASCADE,
    unit text NOT NULL,
    counter text NOT NULL,
    given_at timestamptz NOT NULL,
    score smallint NOT NULL,
    language text NOT NULL,
    text text NOT NULL CHECK (text <> ''),
    marks text NOT NULL DEFAULT '',
    read_at timestamptz,
    read_by text,
    shown boolean,
    CHECK ((read_at IS NULL) = (read_by IS NULL) AND (read_at IS NULL) = (shown IS NULL))
);
COMMENT ON COLUMN comment.marks IS 'what the rules say of it, with commas between';
COMMENT ON COLUMN comment.shown IS 'whether whoever read it lets others of the unit see it';
CREATE INDEX comment_of ON comment (unit, given_at);
CREATE INDEX comment_age ON comment (given_at);

-- The reading role sees none of it. Whoever rates writes without being able to read what others wrote.
ALTER TABLE phone_rating ENABLE ROW LEVEL SECURITY;
ALTER TABLE phone_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE comment ENABLE ROW LEVEL SECURITY;
CREATE POLICY given ON phone_rating FOR INSERT TO motcua_writer WITH CHECK (true);
CREATE POLICY given ON phone_answer FOR INSERT TO motcua_writer WITH CHECK (true);
CREATE POLICY given ON comment FOR INSERT TO motcua_writer WITH CHECK (read_at IS NULL);
CREATE POLICY seen ON comment FOR SELECT TO motcua_writer USING (
    (SELECT all_units_seen('motcua.comments_released'))
    OR unit = ANY ((SELECT units_seen('motcua.comments_released'))::text[])
);
CREATE POLICY released ON comment FOR UPDATE TO motcua_writer USING (
    (SELECT all_units_seen('motcua.comments_released'))
    OR unit = ANY ((SELECT units_seen('motcua.comments_released'))::text[])
);
