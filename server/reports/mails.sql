-- name: planned
-- Who has had, or waits for, the message of a period.
SELECT address FROM report_mail WHERE period = %(period)s

-- name: plan
-- Once a period and address, whoever plans it; `next_at` is at once.
INSERT INTO report_mail (period, address, report, message_id, created_at, next_at)
VALUES (%(period)s, %(address)s, %(report)s, %(message_id)s, %(now)s, %(now)s)
ON CONFLICT (period, address) DO NOTHING

-- name: next
-- Held until it is sent or has failed: two workers never send the same one at the same time.
SELECT mail.id, mail.address, mail.message_id, mail.created_at, mail.attempts, mail.report
FROM report_mail AS mail
JOIN report ON report.id = mail.report
WHERE mail.state = 'waiting' AND mail.next_at <= %(now)s AND report.state IN ('ready', 'failed')
ORDER BY mail.next_at, mail.id
LIMIT 1
FOR UPDATE OF mail SKIP LOCKED

-- name: sent
-- In the transaction in which it was sent.
UPDATE report_mail
SET state = 'sent', attempts = attempts + 1, sent_at = %(now)s, problem = NULL
WHERE id = %(id)s

-- name: failed
-- With why and when it is tried again, or given up.
UPDATE report_mail
SET state = %(state)s, attempts = attempts + 1, problem = %(problem)s, next_at = %(next_at)s
WHERE id = %(id)s

-- name: mails
-- The newest first.
SELECT id, period, address, message_id, created_at, state, attempts, next_at, problem, sent_at, report
FROM report_mail
ORDER BY created_at DESC, address
LIMIT 500
