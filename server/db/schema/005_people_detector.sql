-- A unit may run a detector of whole people beside that of faces: which one, its health says.

ALTER TABLE device ADD COLUMN people_detector text;
ALTER TABLE health ADD COLUMN people_detector text;
