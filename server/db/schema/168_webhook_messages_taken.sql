-- A message is taken before it is sent, for longer than a receiver may take to answer: no two workers send it at
-- a time, also where one took over from another that was believed dead. One that dies lets go when this ends.

ALTER TABLE webhook_message ADD COLUMN taken_until timestamptz;
