-- Ratings are judged in the transaction that stores them. Most are official, and stored so, for writing each of them
-- twice would be in vain.

COMMENT ON COLUMN rating.standing IS 'in which totals the rating is; new stood for none within a transaction, and is no longer stored';
