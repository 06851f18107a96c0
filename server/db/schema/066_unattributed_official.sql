-- As of an earlier day, too, only official ratings are asked whose they are.
CREATE OR REPLACE VIEW unattributed_totals AS
SELECT 'day' AS level, unit, counter, day, ratings, without_officer, without_family, unlinked, newest
FROM unattributed_daily
UNION ALL
SELECT 'month', unit, '', month, ratings, without_officer, without_family, unlinked, newest FROM unattributed_monthly
UNION ALL
SELECT
    'raw', unit, counter, (observed_at AT TIME ZONE INTERVAL '7 hours')::date, count(*),
    count(*) FILTER (WHERE officer = ''), count(*) FILTER (WHERE family = ''),
    count(*) FILTER (WHERE officer = '' OR family = ''), max(observed_at)
FROM rating CROSS JOIN LATERAL attribution(unit, counter, observed_at)
WHERE amends IS NULL AND standing = 'official' AND received_at <= known_at() AND NOT EXISTS (
    SELECT FROM rating_left_out AS gone WHERE gone.rating = rating.id AND gone.at <= known_at()
)
GROUP BY 2, 3, 4;
