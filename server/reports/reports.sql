-- name: ask
-- Its job is deferred by a trigger, in the same transaction.
INSERT INTO report (
    id, asked_by, asked_kind, kind, period, question, unit, officer, format, officers_seen, staff_seen, own
) VALUES (
    %(id)s, %(asked_by)s, %(asked_kind)s, %(kind)s, %(period)s, %(question)s, %(unit)s, %(officer)s,
    %(format)s, %(officers_seen)s, %(staff_seen)s, %(own)s
)

-- name: reports
-- The newest first; of a report all that the list says, the file apart.
SELECT
    id, asked_at, asked_by, asked_kind, question, unit, officer, format, officers_seen, staff_seen, own,
    state, progress, problem, name, digest, bytes, ready_at
FROM report
WHERE %(id)s::uuid IS NULL OR id = %(id)s
ORDER BY asked_at DESC, id
LIMIT %(most)s

-- name: take
-- Whoever has it: a worker that died left it so.
UPDATE report SET state = 'making', progress = 0.05, touched_at = now()
WHERE id = %(id)s AND state IN ('waiting', 'making')

-- name: progress
-- In a transaction of its own, so that it is seen.
UPDATE report SET progress = %(progress)s, touched_at = now() WHERE id = %(id)s AND state = 'making'

-- name: finish
-- With its file, in one transaction.
UPDATE report SET
    state = 'ready', progress = 1, touched_at = now(), ready_at = %(now)s, name = %(name)s,
    digest = %(digest)s, bytes = %(bytes)s, problem = NULL
WHERE id = %(id)s

-- name: keep_file
-- Made twice it is the same file, or a newer draft.
INSERT INTO report_file (report, content) VALUES (%(id)s, %(content)s)
ON CONFLICT (report) DO UPDATE SET content = EXCLUDED.content

-- name: fail
-- With why, for whoever asked.
UPDATE report SET state = 'failed', touched_at = now(), problem = %(problem)s WHERE id = %(id)s

-- name: file
-- As it was made.
SELECT content FROM report_file WHERE report = %(id)s

-- name: issue
-- The same content in the same format is the same file: it was issued when it was first.
INSERT INTO report_issue (
    file_digest, digest, issued_at, kind, period, question, unit, officer, format, officers_seen, staff_seen,
    own, edition, draft, layout, row_digests
) VALUES (
    %(file_digest)s, %(digest)s, %(now)s, %(kind)s, %(period)s, %(question)s, %(unit)s, %(officer)s,
    %(format)s, %(officers_seen)s, %(staff_seen)s, %(own)s, %(edition)s, %(draft)s, %(layout)s,
    %(row_digests)s
) ON CONFLICT (file_digest) DO NOTHING

-- name: issued
-- By the file's own digest, else by that of the content that it bears.
SELECT
    file_digest, digest, issued_at, question, unit, officer, format, officers_seen, staff_seen, own, edition,
    draft, layout, row_digests
FROM report_issue
WHERE file_digest = %(file_digest)s OR digest = %(digest)s
ORDER BY file_digest = %(file_digest)s DESC, issued_at
LIMIT 1

-- name: purge
-- What is older than a week, but for what still has to be sent. What identifies issued files stays.
DELETE FROM report
WHERE asked_at < %(before)s
    AND NOT EXISTS (SELECT FROM report_mail WHERE report = report.id AND state = 'waiting')

-- name: purge_mails
-- Mails of reports that go with them: that a month was sent has to be known for longer than the file.
UPDATE report_mail SET report = NULL
WHERE state <> 'waiting' AND report IN (SELECT id FROM report WHERE asked_at < %(before)s)

-- name: defer_left
-- A report whose worker died is made by another. Its lock keeps two jobs of one report apart.
INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)
SELECT 'reports', 'reports.make', 'reports.make ' || id, jsonb_build_object('report', id)
FROM report
WHERE state IN ('waiting', 'making') AND touched_at < %(before)s
ON CONFLICT DO NOTHING

-- name: officer_name
-- Nothing where whoever asked may not know it.
SELECT name FROM officer WHERE code = %(officer)s

-- name: families
-- What families of procedures are called.
SELECT id, name_vi, name_en FROM procedure_family
