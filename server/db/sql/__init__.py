"""Named queries, one file per reader or writer."""
