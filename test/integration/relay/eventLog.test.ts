import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import type { EventLog } from "../../../src/relay/eventLog.ts";
import { JetStreamEventLog } from "../../../src/relay/jetstreamEventLog.ts";
import { silentRelayLogger } from "../../../src/relay/relayLogger.ts";
import { SqliteEventLog } from "../../../src/relay/sqliteEventLog.ts";
import { type OpenLog, describeEventLog } from "../../support/eventLogContract.ts";
import { startNatsServers } from "../../support/natsServers.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const maxStorageBytes = 100_000_000;

function closedWith(test: TestContext, log: EventLog): EventLog {
  test.after(async () => log.close());
  return log;
}

const openSqlite: OpenLog = async (test, { clock, retention }) =>
  closedWith(
    test,
    await SqliteEventLog.open({
      directory: temporaryFolder(test),
      retention: { ...retention, maxStorageBytes },
      clock,
      logger: silentRelayLogger,
    }),
  );

const openJetStream: OpenLog = async (test, { clock, retention }) => {
  const [server] = await startNatsServers(test, 1);
  return closedWith(
    test,
    await JetStreamEventLog.open({
      servers: [server?.url ?? ""],
      replicas: 1,
      prefix: `t${randomBytes(4).toString("hex")}`,
      maxEventBytes: 2_000_000,
      maxStorageBytes,
      retention,
      clock,
      logger: silentRelayLogger,
    }),
  );
};

describeEventLog("SQLite", openSqlite);
describeEventLog("NATS JetStream", openJetStream);
