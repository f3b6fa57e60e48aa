-- What the owner of a partition needs in PostgreSQL. Applied at each start of a node, under a lock; applying it again changes nothing.
-- Orleans reads its statements from OrleansQuery, by key. Names of parameters and columns are its contract; the tables are ours.

-- Which nodes are there. The version makes changes one after another: a change that has not seen the one before is refused.
CREATE TABLE IF NOT EXISTS cluster_version (cluster text PRIMARY KEY, version integer NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS cluster_node (
    cluster text NOT NULL REFERENCES cluster_version, address text NOT NULL, port integer NOT NULL, generation integer NOT NULL,
    name text NOT NULL, host text NOT NULL, status integer NOT NULL, proxy_port integer, suspect_times text, started timestamptz NOT NULL, alive timestamptz NOT NULL,
    PRIMARY KEY (cluster, address, port, generation));

-- Who owns a partition: version is the ETag.
CREATE TABLE IF NOT EXISTS owner_state (
    service text NOT NULL, kind text NOT NULL, n0 bigint NOT NULL, n1 bigint NOT NULL, extension text NOT NULL, payload bytea, version integer NOT NULL,
    PRIMARY KEY (service, kind, n0, n1, extension));

-- What people were told. places: of which transitions and steps the message spoke.
CREATE TABLE IF NOT EXISTS told (
    stream text NOT NULL, key text NOT NULL, receiver text NOT NULL, channel text NOT NULL, at bigint NOT NULL, node text NOT NULL, places text[] NOT NULL,
    PRIMARY KEY (stream, key, receiver));

-- By what an answer finds its message: agreed on before the message is sent.
CREATE TABLE IF NOT EXISTS answer (
    stream text NOT NULL, key text NOT NULL, recipient text NOT NULL, code text NOT NULL, link text NOT NULL, message text NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (stream, key));
-- Not unique: two attempts to agree on one message at once would meet there, and one of them would fail, before they meet at its key.
DROP INDEX IF EXISTS answer_link;
CREATE INDEX IF NOT EXISTS answer_by_link ON answer (stream, link);
CREATE INDEX IF NOT EXISTS answer_code ON answer (stream, recipient, code);

-- What an owner leaves to the next one: of the external broker the session that it should have, of the city up to where it has acknowledged.
CREATE TABLE IF NOT EXISTS kept (stream text NOT NULL, name text NOT NULL, value text NOT NULL, PRIMARY KEY (stream, name));

-- What all nodes have a copy of: people's accounts and tokens, and their sessions. Each change counts its list up and holds the list's row until it is committed:
-- whoever has read up to a count has missed nothing before it.
CREATE TABLE IF NOT EXISTS shared_list (stream text NOT NULL, list text NOT NULL, change bigint NOT NULL, PRIMARY KEY (stream, list));
-- value: null once it was removed. noted: the last use. ends: Unix ms from which on nobody misses the row.
CREATE TABLE IF NOT EXISTS shared_row (
    stream text NOT NULL, list text NOT NULL, key text NOT NULL, value text, noted bigint NOT NULL, ends bigint, change bigint NOT NULL,
    PRIMARY KEY (stream, list, key));
CREATE INDEX IF NOT EXISTS shared_row_change ON shared_row (stream, list, change);

-- What a backtest found, in UTF-8: no node has a copy. It ends with its row of the list.
CREATE TABLE IF NOT EXISTS backtest_result (
    stream text NOT NULL, list text NOT NULL DEFAULT 'backtests', id text NOT NULL, differences bytea NOT NULL, page bytea NOT NULL,
    PRIMARY KEY (stream, id), FOREIGN KEY (stream, list, id) REFERENCES shared_row ON DELETE CASCADE);

CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText text NOT NULL);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $$
    WITH made AS (INSERT INTO cluster_version (cluster) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*) FROM made
$$),
('InsertMembershipKey', $$
    WITH counted AS (
        UPDATE cluster_version SET version = version + 1
        WHERE cluster = @DeploymentId AND version = @Version
            AND NOT EXISTS (SELECT 1 FROM cluster_node WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster),
    made AS (
        INSERT INTO cluster_node (cluster, address, port, generation, name, host, status, proxy_port, started, alive)
        SELECT cluster, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM counted
        RETURNING 1)
    SELECT count(*) FROM made
$$),
('UpdateMembershipKey', $$
    WITH counted AS (
        UPDATE cluster_version SET version = version + 1
        WHERE cluster = @DeploymentId AND version = @Version
            AND EXISTS (SELECT 1 FROM cluster_node WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster),
    changed AS (
        UPDATE cluster_node SET status = @Status, suspect_times = @SuspectTimes, alive = @IAmAliveTime FROM counted
        WHERE cluster_node.cluster = counted.cluster AND address = @Address AND port = @Port AND generation = @Generation
        RETURNING 1)
    SELECT count(*) FROM changed
$$),
('UpdateIAmAlivetimeKey', $$
    UPDATE cluster_node SET alive = @IAmAliveTime WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$$),
('MembershipReadRowKey', $$
    SELECT cluster_version.cluster AS DeploymentId, address AS Address, port AS Port, generation AS Generation, name AS SiloName, host AS HostName, status AS Status, proxy_port AS ProxyPort,
        suspect_times AS SuspectTimes, started AS StartTime, alive AS IAmAliveTime, version AS Version
    FROM cluster_version LEFT JOIN cluster_node ON cluster_node.cluster = cluster_version.cluster AND address = @Address AND port = @Port AND generation = @Generation
    WHERE cluster_version.cluster = @DeploymentId
$$),
('MembershipReadAllKey', $$
    SELECT cluster_version.cluster AS DeploymentId, address AS Address, port AS Port, generation AS Generation, name AS SiloName, host AS HostName, status AS Status, proxy_port AS ProxyPort,
        suspect_times AS SuspectTimes, started AS StartTime, alive AS IAmAliveTime, version AS Version
    FROM cluster_version LEFT JOIN cluster_node ON cluster_node.cluster = cluster_version.cluster
    WHERE cluster_version.cluster = @DeploymentId
$$),
('DeleteMembershipTableEntriesKey', $$
    WITH nodes AS (DELETE FROM cluster_node WHERE cluster = @DeploymentId) DELETE FROM cluster_version WHERE cluster = @DeploymentId
$$),
('GatewaysQueryKey', $$
    SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation FROM cluster_node WHERE cluster = @DeploymentId AND status = @Status AND proxy_port > 0
$$),
('CleanupDefunctSiloEntriesKey', $$
    DELETE FROM cluster_node WHERE cluster = @DeploymentId AND status = 6 AND alive < @IAmAliveTime AND started < @IAmAliveTime
$$),
('CleanupDefunctSiloEntryKey', $$
    DELETE FROM cluster_node
    WHERE cluster = @DeploymentId AND status = 6 AND address = @Address AND port = @Port AND generation = @Generation
        AND alive = @IAmAliveTime AND started = @StartTime AND coalesce(suspect_times, '') = coalesce(@SuspectTimes, '')
$$),
('ReadFromStorageKey', $$
    SELECT payload AS PayloadBinary, NULL::text AS PayloadXml, NULL::text AS PayloadJson, now() AT TIME ZONE 'utc', version AS Version
    FROM owner_state
    WHERE service = @ServiceId AND kind = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1 AND extension = coalesce(@GrainIdExtensionString, '')
$$),
('WriteToStorageKey', $$
    WITH made AS (
        INSERT INTO owner_state (service, kind, n0, n1, extension, payload, version)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1 WHERE @GrainStateVersion::integer IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version),
    changed AS (
        UPDATE owner_state SET payload = @PayloadBinary, version = version + 1
        WHERE service = @ServiceId AND kind = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1 AND extension = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion::integer
        RETURNING version)
    SELECT coalesce((SELECT version FROM made), (SELECT version FROM changed), @GrainStateVersion::integer) AS NewGrainStateVersion
$$),
('ClearStorageKey', $$
    UPDATE owner_state SET payload = NULL, version = version + 1
    WHERE service = @ServiceId AND kind = @GrainTypeString AND n0 = @GrainIdN0 AND n1 = @GrainIdN1 AND extension = coalesce(@GrainIdExtensionString, '') AND version = @GrainStateVersion::integer
    RETURNING version AS NewGrainStateVersion
$$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText;
