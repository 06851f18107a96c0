-- name: answers
-- Of a unit and the days of a period, by set and question.
SELECT questions, question, sum(n)::bigint, sum(satisfied)::bigint
FROM answer_told
WHERE unit = %(unit)s AND day >= %(first)s AND day < %(end)s
GROUP BY 1, 2
ORDER BY 1, 2
