-- name: backend
-- The process that serves this session. A pooler tells clients a number of its own instead.
SELECT pg_backend_pid()
