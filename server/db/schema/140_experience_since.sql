-- A month whose first days have no messages any more when it is learnt is learnt from those that have: from which
-- day. Without one it was learnt as a whole.
ALTER TABLE experience_model ADD COLUMN since date;
