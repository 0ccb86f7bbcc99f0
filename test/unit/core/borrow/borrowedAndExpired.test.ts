import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { day, hour, second } from "../../../../src/base/clock.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { succeed } from "../../../../src/base/result.ts";
import { Borrowing } from "../../../../src/core/borrow/borrowing.ts";
import { LoanBook } from "../../../../src/core/borrow/loanBook.ts";
import { ConnectionStore } from "../../../../src/core/connections/connectionStore.ts";
import { RenewalKeeper } from "../../../../src/core/renewal/renewalKeeper.ts";
import { RenewalModes } from "../../../../src/core/renewal/renewalModes.ts";
import { detailsOf } from "../../../../src/core/subscriptions/channelDetails.ts";
import { ChannelOwnership } from "../../../../src/core/subscriptions/ownership.ts";
import { ChannelDeletion } from "../../../../src/core/subscriptions/channelDeletion.ts";
import { SubscriptionService } from "../../../../src/core/subscriptions/subscriptionService.ts";
import { TokenBook } from "../../../../src/core/events/tokenBook.ts";
import { openAgreement } from "../../../support/agreeingWindows.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { MemoryVault } from "../../../support/memoryVault.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { aConnection } from "../connections/aConnection.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";
import { PlayedZoho } from "../subscriptions/playedZoho.ts";

const { id: connectionId } = aConnection();
const team = "https://hooks.team.example/crm";
const here = "https://relay.example.com/in/here";
const life = 7 * day - hour;
const { channelId } = aSubscription();

/** What a killed window left: a channel of ours that it had borrowed and that ended four days ago, and the loan. */
async function borrowedAndExpired(test: TestContext) {
  const clock = new FakeClock();
  const zoho = new PlayedZoho(clock);
  const vault = new MemoryVault();
  const agreement = openAgreement(clock, join(temporaryFolder(test), "windows.sqlite"));
  const { claims, notes } = agreement;
  const connections = new ConnectionStore(vault, silentLogger, clock);
  const ownership = new ChannelOwnership(vault, silentLogger, clock);
  const expiresAt = clock.now() - 4 * day;
  const lent = aSubscription({ token: "ours", notifyUrl: here, expiresAt });
  await ownership.add({ channelId, connectionId, token: "ours", lastKnown: [lent] });
  await connections.add(aConnection());
  zoho.onSubscribe = ({ notifyUrl }) => {
    zoho.listed = [{ ...lent, notifyUrl, expiresAt: clock.now() + life }];
    return succeed({ granted: zoho.listed, refused: [] });
  };
  zoho.onRenew = ({ notifyUrl }) => {
    zoho.listed = zoho.listed.map(each => ({ ...each, notifyUrl }));
    return succeed({ granted: zoho.listed, refused: [] });
  };
  const service = new SubscriptionService({
    deletionWith: async parts => Promise.resolve(new ChannelDeletion(parts)),
    ...{ clients: { for: () => zoho }, store: connections, ownership, tokenBook: new TokenBook(), clock },
    ...{ logger: silentLogger, ...agreement },
  });
  const book = new LoanBook(notes, vault, silentLogger, clock);
  const { token, ...original } = detailsOf([{ ...lent, notifyUrl: team }]) ?? assert.fail();
  const seenAt = clock.now() - 9 * day;
  await book.keep({ connectionId, channelId, original, borrowedUrl: here, expiresAt, seenAt }, token, () => true);
  const borrowing = new Borrowing({
    ...{ subscriptions: service, claims, custody: notes, book, isKept: () => true, clock },
    readyAccess: async () => Promise.resolve(),
    ...{ random: () => 0.5, logger: silentLogger },
  });
  const modes = new RenewalModes(notes, () => "on");
  const keeper = new RenewalKeeper({
    ...{ service, connections, ownership, modes, claims, notes, clock, logger: silentLogger },
    ...{ life: () => life, random: () => 0.5 },
    isLent: (connection, channel) => borrowing.find(connection, channel) !== undefined,
  });
  test.after(() => {
    for (const each of [keeper, modes, borrowing, service, ownership, connections, agreement]) each.dispose();
  });
  const pass = async (): Promise<void> => {
    for (let step = 0; step < 60; step++) {
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      clock.advance(5 * second);
    }
  };
  return { zoho, service, borrowing, keeper, pass };
}

describe("a channel of ours that was borrowed and expired while no window was open", () => {
  it("goes back to where it was, though renewal looks first", async test => {
    const { zoho, service, borrowing, pass } = await borrowedAndExpired(test);
    await service.refresh(connectionId);
    await pass();
    assert.deepEqual(zoho.subscribed, [], "renewal leaves what is lent alone");
    borrowing.start();
    await pass();
    assert.deepEqual(
      zoho.subscribed.map(({ notifyUrl }) => notifyUrl),
      [team],
    );
    assert.equal(zoho.listed[0]?.notifyUrl, team);
    assert.deepEqual(borrowing.loans, []);
  });

  it("goes back to where it was, though a person makes it again at the same time", async test => {
    const { zoho, service, borrowing, pass } = await borrowedAndExpired(test);
    await service.refresh(connectionId);
    borrowing.start();
    const byHand = service.recreateMany(connectionId, [channelId]);
    await pass();
    await byHand;
    assert.equal(zoho.listed[0]?.notifyUrl, team);
    assert.deepEqual(borrowing.loans, []);
  });

  it("goes back to where it was, though what a person sent before takes its time to arrive", async test => {
    const { zoho, service, borrowing, pass } = await borrowedAndExpired(test);
    await service.refresh(connectionId);
    const make = zoho.onSubscribe;
    const arrived = Promise.withResolvers<undefined>();
    zoho.onSubscribe = async request => {
      if (request.notifyUrl === here) await arrived.promise;
      return make(request);
    };
    const byHand = service.recreateMany(connectionId, [channelId]);
    await setImmediate();
    borrowing.start();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    arrived.resolve(undefined);
    await pass();
    await byHand;
    assert.equal(zoho.listed[0]?.notifyUrl, team);
    assert.deepEqual(borrowing.loans, []);
  });
});
