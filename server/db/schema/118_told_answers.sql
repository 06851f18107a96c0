-- What telephones answered to the questions beside a rating, as figures of a unit, in groups of ten or more
-- (decision 0036): answers wait until a question of the unit has ten, then all that wait are told, on the local
-- day of the newest. Groups are formed once, so that every period is a sum of them, and they outlive the answers.
CREATE TABLE answer_told (
    unit text NOT NULL,
    questions text NOT NULL,
    question text NOT NULL,
    day date NOT NULL,
    n bigint NOT NULL CHECK (n >= 10),
    satisfied bigint NOT NULL CHECK (satisfied BETWEEN 0 AND n),
    PRIMARY KEY (unit, questions, question, day)
);
COMMENT ON COLUMN answer_told.satisfied IS 'answers of level 4 or 5';

CREATE TABLE answer_waiting (
    unit text NOT NULL,
    questions text NOT NULL,
    question text NOT NULL,
    n bigint NOT NULL CHECK (n > 0),
    satisfied bigint NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (unit, questions, question)
);

-- The API reads what is told as itself, for those who may read the unit's comments; nobody reads what waits.
ALTER TABLE answer_told ENABLE ROW LEVEL SECURITY;
ALTER TABLE answer_waiting ENABLE ROW LEVEL SECURITY;

-- What was carried before this migration.
INSERT INTO answer_waiting
SELECT given.unit, answer.questions, answer.question, count(*), count(*) FILTER (WHERE answer.answer >= 4),
    max(given.observed_at)
FROM phone_answer AS answer
JOIN phone_rating AS given ON given.id = answer.rating
JOIN rating ON rating.id = given.id AND rating.observed_at = given.observed_at
WHERE given.carried_at IS NOT NULL AND rating.standing = 'official'
GROUP BY 1, 2, 3;
WITH complete AS (DELETE FROM answer_waiting WHERE n >= 10 RETURNING *)
INSERT INTO answer_told
SELECT unit, questions, question, (newest AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, n, satisfied FROM complete;
