-- Units of a simulation are marked as such, also where none of their devices speaks now.

ALTER TABLE unit ADD COLUMN simulated boolean NOT NULL DEFAULT false;
