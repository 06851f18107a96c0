-- What closings digest of a dossier, as it was known: written once for those received and those ended.
-- record_send is a row's binary form, each value with its type and length.
CREATE VIEW dossier_bytes AS
SELECT
    code, begun_at, ended_at,
    record_send(ROW(
        code, procedure, receiving_unit, resolving_unit, area_unit, channel, fee_due, paid_online, digitised,
        result_digitised, data_reused, begun_at, ended_at, ended_by, counted, overdue_at, timeliness, days,
        requests, apologised_at, score
    )) AS bytes
FROM dossier_known;
