"""Tables that other systems and offices send: one reader and one set of rules for every import."""
