-- By which layout an issued report was made, so that a release that sets a table otherwise calls nothing restated.
-- From layout 1 on `row_digests` has each table's columns, and of each row a digest a cell; 0 are files that were
-- issued before: of their rows one digest each is known.
ALTER TABLE report_issue ADD COLUMN layout integer NOT NULL DEFAULT 0;
