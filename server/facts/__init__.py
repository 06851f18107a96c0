"""One additive Totals per source, with its SQL and its row reader."""
