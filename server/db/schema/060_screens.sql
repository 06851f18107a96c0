-- A wall's screen also says how fast its scenes turn and which language it speaks. `scenes` are shown
-- in their order. The one scene that there was, `overview`, is gone: such screens show every scene.
ALTER TABLE screen ADD COLUMN turn_s real CHECK (turn_s BETWEEN 10 AND 120);
ALTER TABLE screen ADD COLUMN language text CHECK (language IN ('vi', 'en'));
UPDATE screen SET scenes = NULL WHERE 'overview' = ANY (scenes);
