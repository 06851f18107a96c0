-- Raw rows of a period are read across all units: ticket waits, late messages, unserved minutes. Rows
-- come nearly in the order of their time, so that an index of block ranges is small.

CREATE INDEX ticket_time ON ticket USING brin (observed_at);
CREATE INDEX visit_time ON visit USING brin (observed_at);
CREATE INDEX wait_time ON wait USING brin (observed_at);
CREATE INDEX rating_time ON rating USING brin (observed_at);
CREATE INDEX prompt_time ON prompt USING brin (observed_at);
CREATE INDEX quarantine_time ON quarantine (received_at) WHERE replayed_at IS NULL;
