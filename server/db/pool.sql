-- name: begin_reading
-- Of this transaction alone: what a session is set to would outlive it in a pooled connection.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: become_reader
-- Of this transaction alone, as above. What is masked stands first in the search path: the same
-- statements read it in place of the tables.
SELECT
    set_config('search_path', 'masked, ' || current_setting('search_path'), true),
    set_config('motcua.officers', %(officers)s, true),
    set_config('motcua.staff', %(staff)s, true),
    set_config('motcua.officer', %(officer)s, true),
    set_config('role', 'motcua_reader', true)

-- name: begin_writing
-- Said in full, so that no default of the role or the database decides it.
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE
