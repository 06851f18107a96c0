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

-- name: become_writer
-- Of this transaction alone. The role owns nothing; the settings say where it may write.
SELECT
    set_config('motcua.staff_written', %(staff)s, true),
    set_config('motcua.dossiers_written', %(dossiers)s, true),
    set_config('motcua.complaints_written', %(complaints)s, true),
    set_config('motcua.devices_managed', %(devices)s, true),
    set_config('motcua.units_managed', %(units)s, true),
    set_config('motcua.points_written', %(points)s, true),
    set_config('motcua.accounts_written', %(accounts)s, true),
    set_config('motcua.comments_released', %(comments)s, true),
    set_config('role', %(role)s, true)

-- name: role_held
-- What a transaction that writes comes back to after it has read.
SELECT current_setting('role'), current_setting('search_path')

-- name: come_back
-- To it.
SELECT
    set_config('role', %(role)s, true), set_config('search_path', %(search_path)s, true),
    set_config('motcua.officers', '', true), set_config('motcua.staff', '', true)
