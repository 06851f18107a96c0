-- name: begin_reading
-- Of this transaction alone: what a session is set to would outlive it in a pooled connection.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: begin_writing
-- Said in full, so that no default of the role or the database decides it.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE
