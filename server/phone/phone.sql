-- name: key
-- The key that signed a token, where it stands, and what the page is to ask: the device's newest
-- configuration. A key that ended is read until its tokens have expired.
SELECT
    key.unit, key.counter, key.device, key.key, config.content -> 'phone'
FROM phone_key AS key
JOIN LATERAL (
    SELECT content FROM device_config AS made
    WHERE made.unit = key.unit AND made.counter = key.counter AND made.device = key.device
    ORDER BY version DESC
    LIMIT 1
) AS config ON true
WHERE key.number = %(number)s AND (key.ended_at IS NULL OR key.ended_at >= %(issued_at)s)

-- name: place_there
-- What the page names: the unit, and the counter where it is known.
SELECT unit.name_vi, unit.name_en FROM unit
JOIN counter ON counter.unit = unit.id AND counter.id = %(place)s
WHERE unit.id = %(unit)s

-- name: rated
-- Whether the token was used, by which page, and whether its visit was rated at the counter.
SELECT
    (SELECT form FROM phone_rating WHERE request = %(request)s),
    EXISTS (
        SELECT FROM rating
        WHERE visit = %(visit)s AND amends IS NULL AND standing <> 'withdrawn' AND source <> 'qr'
            AND observed_at BETWEEN %(issued_at)s::timestamptz - INTERVAL '1 day'
                AND %(issued_at)s::timestamptz + INTERVAL '1 day'
    )

-- name: officers_of
-- Their names, to mark comments that name one.
SELECT DISTINCT officer.name FROM officer
JOIN officer_post AS post ON post.officer = officer.code
WHERE post.unit = %(unit)s

-- name: add_rating
-- Once for each token: of two pages that are sent at once the second finds that there is one.
INSERT INTO phone_rating (
    id, request, form, unit, counter, device, place, observed_at, given_at, score, reasons, language,
    visit
)
VALUES (
    %(id)s, %(request)s, %(form)s, %(unit)s, %(counter)s, %(device)s, %(place)s, %(observed_at)s,
    %(given_at)s, %(score)s, %(reasons)s, %(language)s, %(visit)s
)
ON CONFLICT DO NOTHING

-- name: add_answers
-- Questions that were left out have no row.
INSERT INTO phone_answer (rating, questions, question, answer)
SELECT %(id)s, %(questions)s, question, answer
FROM unnest(%(question)s::text[], %(answer)s::smallint[]) AS given (question, answer)

-- name: add_comment
-- Held back until somebody of the unit has read it.
INSERT INTO comment (rating, unit, counter, given_at, score, language, text, marks)
VALUES (
    %(id)s, %(unit)s, %(place)s, %(given_at)s, %(score)s, %(language)s, %(comment)s, %(marks)s
)

-- name: to_carry
-- Oldest first, a few at a time; the rest follows within seconds.
SELECT id, unit, counter, device, place, observed_at, score, reasons, language, visit
FROM phone_rating
WHERE carried_at IS NULL
ORDER BY given_at
LIMIT 500
FOR UPDATE SKIP LOCKED

-- name: carried
-- They stand in `rating`, or in quarantine.
UPDATE phone_rating SET carried_at = %(now)s WHERE id = ANY (%(ids)s::uuid[])

-- name: answers_wait
-- Those of ratings that count; what was refused or does not count officially answers nothing.
INSERT INTO answer_waiting AS waiting (unit, questions, question, n, satisfied, newest)
SELECT
    given.unit, answer.questions, answer.question, count(*),
    count(*) FILTER (WHERE answer.answer >= %(satisfied_from)s), max(given.observed_at)
FROM phone_answer AS answer
JOIN phone_rating AS given ON given.id = answer.rating
JOIN rating ON rating.id = given.id AND rating.observed_at = given.observed_at
WHERE given.id = ANY (%(ids)s::uuid[]) AND rating.standing = 'official'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (unit, questions, question) DO UPDATE SET
    n = waiting.n + EXCLUDED.n,
    satisfied = waiting.satisfied + EXCLUDED.satisfied,
    newest = greatest(waiting.newest, EXCLUDED.newest)

-- name: answers_told
-- Every question of a unit that has a whole group: all that wait are told together.
WITH complete AS (DELETE FROM answer_waiting WHERE n >= %(group_of)s RETURNING *)
INSERT INTO answer_told AS told (unit, questions, question, day, n, satisfied)
SELECT unit, questions, question, (newest AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, n, satisfied
FROM complete
ORDER BY 1, 2, 3
ON CONFLICT (unit, questions, question, day) DO UPDATE SET
    n = told.n + EXCLUDED.n, satisfied = told.satisfied + EXCLUDED.satisfied

-- name: comments
-- Of one unit, marked ones first, then the newest. Unread and withheld ones only for whoever may
-- release them.
SELECT rating, unit, counter, given_at, score, language, text, marks, read_at, read_by, shown
FROM comment
WHERE unit = %(unit)s AND given_at >= %(since)s AND given_at < %(until)s
    AND (%(unread)s::boolean IS NULL OR (read_at IS NULL) = %(unread)s::boolean)
    AND (shown OR %(held)s::boolean)
ORDER BY read_at IS NOT NULL, marks = '', given_at DESC
LIMIT 500

-- name: comment_there
-- One that whoever asks may release.
SELECT unit FROM comment WHERE rating = %(rating)s

-- name: release
-- Once: the first who reads it decides. It may be withheld later, and never shown again.
UPDATE comment SET read_at = coalesce(read_at, %(now)s), read_by = coalesce(read_by, %(by)s),
    shown = %(shown)s
WHERE rating = %(rating)s AND (read_at IS NULL OR (shown AND NOT %(shown)s::boolean))
RETURNING rating, unit, counter, given_at, score, language, text, marks, read_at, read_by, shown

-- name: purge_comments
-- Kept no longer than somebody can act on them.
DELETE FROM comment WHERE rating IN (
    SELECT rating FROM comment WHERE given_at < %(before)s ORDER BY given_at LIMIT %(limit)s
)

-- name: purge_ratings
-- With their answers, as long as the ratings themselves are kept.
DELETE FROM phone_rating WHERE id IN (
    SELECT id FROM phone_rating
    WHERE given_at < %(before)s AND carried_at IS NOT NULL
    ORDER BY given_at LIMIT %(limit)s
)
