import { randomBytes } from "node:crypto";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamEventLog } from "../../../src/relay/jetstreamEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { type OpenLog, describeEventLog } from "../../support/eventLogContract.ts";
import { passTimeAtNats } from "../../support/jetstreamLogs.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const maxStorageBytes = 100_000_000;

const openSqlite: OpenLog = async (test, { clock, retention }) => {
  const log = await SqliteEventLog.open({
    directory: temporaryFolder(test),
    retention: { ...retention, maxStorageBytes },
    clock,
    logger: silentRelayLogger,
  });
  test.after(async () => log.close());
  return log;
};

const openJetStream: OpenLog = async (test, { clock, retention }) => {
  const opened: EventLog[] = [];
  // Hooks run in the order in which they were registered: the log lets go of its server before that is killed.
  test.after(async () => Promise.all(opened.map(async log => log.close())));
  const [server] = await startNatsServers(test, 1);
  passTimeAtNats(test, clock);
  const log = await JetStreamEventLog.open({
    servers: [server?.url ?? ""],
    replicas: 1,
    prefix: `t${randomBytes(4).toString("hex")}`,
    maxEventBytes: 2_000_000,
    maxStorageBytes,
    retention,
    clock,
    logger: silentRelayLogger,
  });
  opened.push(log);
  return log;
};

describeEventLog("SQLite", openSqlite);
describeEventLog("NATS JetStream", openJetStream);
