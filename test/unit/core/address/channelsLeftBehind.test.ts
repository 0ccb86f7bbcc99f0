import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Problem } from "../../../../src/base/problem.ts";
import { fail, succeed } from "../../../../src/base/result.ts";
import {
  ChannelsLeftBehind,
  type ChannelsLeftBehindOptions,
  type LeftBehind,
} from "../../../../src/core/address/channelsLeftBehind.ts";
import type { Door } from "../../../../src/core/address/readdress.ts";
import { type Channel, makeChannel } from "../../../../src/core/subscriptions/channel.ts";
import type { ChannelDetails } from "../../../../src/core/subscriptions/channelDetails.ts";
import type { SubscriptionsState } from "../../../../src/core/subscriptions/channelList.ts";
import { aConnection } from "../connections/aConnection.ts";
import { aSubscription } from "../subscriptions/aSubscription.ts";

const ingestPath = "/in/abcdefghijklmnop";
const gone = `https://old.trycloudflare.com${ingestPath}`;
const here = `https://new.trycloudflare.com${ingestPath}`;
const busy: Problem = { code: "INTERNAL_ERROR", message: "Zoho is busy.", remedy: "retry" };

function doorAt(address: string): Door {
  return { address, addresses: [address], ingestPath };
}

/** A window with channels of two connections, `one` and `two`, and a person who answers questions. */
class Window {
  door: Door | undefined = doorAt(here);
  /** Where the channels send to, by connection and channel; a connection that isn't here is still being read. */
  readonly urls = new Map<string, Map<string, string>>();
  readonly lent = new Set<string>();
  /** Which channels each question was about. */
  readonly questions: (readonly string[])[] = [];
  readonly told: Problem[] = [];
  answer: () => boolean | Promise<boolean> = () => true;
  /** What stands in the way of changing a channel. */
  readonly obstacles = new Map<string, () => ReturnType<ChannelsLeftBehindOptions["subscriptions"]["change"]>>();
  readonly #channels: ChannelsLeftBehind;

  constructor() {
    this.#channels = new ChannelsLeftBehind({
      door: () => this.door,
      connections: { list: () => ["one", "two"].map(id => aConnection({ id })) },
      subscriptions: { stateOf: id => this.#stateOf(id), nowAt: () => -1, change: this.#change },
      isLent: (_connectionId, channelId) => this.lent.has(channelId),
      ask: async channels => this.#hear(channels),
      tell: problems => this.told.push(...problems),
      logger: silentLogger,
    });
  }

  list(connectionId: string, urls: Readonly<Record<string, string>>): this {
    this.urls.set(connectionId, new Map(Object.entries(urls)));
    return this;
  }

  async offer(): Promise<void> {
    await this.#channels.offer();
  }

  async #hear(channels: readonly LeftBehind[]): Promise<boolean> {
    this.questions.push(channels.map(({ channel }) => channel.channelId));
    return this.answer();
  }

  #stateOf(connectionId: string): SubscriptionsState {
    const urls = this.urls.get(connectionId);
    if (urls === undefined) return { kind: "loading" };
    const channels = [...urls].map(([channelId, notifyUrl]) => channelOf(connectionId, channelId, notifyUrl));
    return { kind: "loaded", refreshedAt: 0, channels, unreadable: [], complete: true };
  }

  readonly #change: ChannelsLeftBehindOptions["subscriptions"]["change"] = async (id, channelId, towards) => {
    const obstacle = this.obstacles.get(channelId);
    if (obstacle !== undefined) return obstacle();
    const before = detailsOf(channelId, this.urls.get(id)?.get(channelId) ?? assert.fail("there is no such channel"));
    const after = (await towards(before)) ?? before;
    this.urls.get(id)?.set(channelId, after.notifyUrl);
    return succeed({ before, after, warnings: [] });
  };
}

function channelOf(connectionId: string, channelId: string, notifyUrl: string): Channel {
  return makeChannel(connectionId, channelId, [aSubscription({ channelId, notifyUrl })], true);
}

function detailsOf(channelId: string, notifyUrl: string): ChannelDetails {
  const watching = { events: ["Leads.create"], expiresAt: 0, token: "t", conditions: [] };
  return { channelId, notifyUrl, ...watching, notifyOnRelatedAction: false, returnAffectedFieldValues: true };
}

describe("channels that a public address left behind", () => {
  it("are brought along, all of them with one question, where the person says so", async () => {
    const window = new Window().list("one", { "1": gone, "2": `${gone}/more` }).list("two", { "3": gone, "4": here });
    await window.offer();
    assert.deepEqual(window.questions, [["1", "2", "3"]]);
    assert.deepEqual([...(window.urls.get("one")?.values() ?? [])], [here, `${here}/more`]);
    assert.equal(window.urls.get("two")?.get("3"), here);
    await window.offer();
    assert.equal(window.questions.length, 1);
  });

  it("stay where they are where the person doesn't say so, and are asked about once for each address", async () => {
    const window = new Window().list("one", { "1": gone });
    window.answer = () => false;
    await window.offer();
    await window.offer();
    assert.equal(window.questions.length, 1);
    assert.equal(window.urls.get("one")?.get("1"), gone);
    window.door = doorAt(`https://newer.trycloudflare.com${ingestPath}`);
    await window.offer();
    assert.equal(window.questions.length, 2);
  });

  it("are asked about by the window that holds the address, once it has one", async () => {
    const window = new Window().list("one", { "1": gone });
    window.door = undefined;
    await window.offer();
    assert.deepEqual(window.questions, []);
    window.door = doorAt(here);
    await window.offer();
    assert.deepEqual(window.questions, [["1"]]);
  });

  it("are asked about when the list of their connection comes later than the others'", async () => {
    const window = new Window().list("one", { "1": gone });
    window.answer = () => false;
    await window.offer();
    window.list("two", { "2": gone });
    await window.offer();
    assert.deepEqual(window.questions, [["1"], ["2"]]);
  });

  it("are asked about when they were lent and are given back to the address that is gone", async () => {
    const window = new Window().list("one", { "1": gone, "2": gone });
    window.lent.add("2");
    await window.offer();
    window.lent.delete("2");
    await window.offer();
    assert.deepEqual(window.questions, [["1"], ["2"]]);
  });

  it("are asked about again when they were brought along and are pointed at the former address again", async () => {
    const window = new Window().list("one", { "1": gone });
    await window.offer();
    await window.offer();
    window.list("one", { "1": gone });
    await window.offer();
    assert.deepEqual(window.questions, [["1"], ["1"]]);
  });

  it("are asked about again when they carry another address that is gone", async () => {
    const window = new Window().list("one", { "1": gone });
    window.answer = () => false;
    await window.offer();
    window.list("one", { "1": `https://older.trycloudflare.com${ingestPath}` });
    await window.offer();
    assert.equal(window.questions.length, 2);
  });

  it("are asked about once though their list is not there for a while", async () => {
    const window = new Window().list("one", { "1": gone });
    window.answer = () => false;
    await window.offer();
    window.list("one", {});
    await window.offer();
    window.urls.delete("one");
    await window.offer();
    window.list("one", { "1": gone });
    await window.offer();
    assert.equal(window.questions.length, 1);
  });

  it("are asked about one question at a time: what becomes known meanwhile comes after", async () => {
    const window = new Window().list("one", { "1": gone });
    const answered = Promise.withResolvers<boolean>();
    window.answer = async () => answered.promise;
    const offered = window.offer();
    window.list("two", { "2": gone });
    await window.offer();
    assert.deepEqual(window.questions, [["1"]]);
    answered.resolve(false);
    await offered;
    assert.deepEqual(window.questions, [["1"], ["2"]]);
  });

  it("are all tried, whichever cannot be changed, and those are told of and asked about again at the next news", async () => {
    const window = new Window().list("one", { "1": gone, "2": gone, "3": gone });
    window.obstacles.set("1", async () => Promise.resolve(fail(busy)));
    window.obstacles.set("2", () => assert.fail("the file is locked"));
    await window.offer();
    assert.deepEqual(window.questions, [["1", "2", "3"]]);
    assert.equal(window.urls.get("one")?.get("3"), here);
    assert.deepEqual(
      window.told.map(({ code }) => code),
      [busy.code, "UNEXPECTED"],
    );
    window.obstacles.clear();
    await window.offer();
    assert.deepEqual(window.questions.at(-1), ["1", "2"]);
    assert.deepEqual([...(window.urls.get("one")?.values() ?? [])], [here, here, here]);
  });

  it("are asked about again where the address went while the question stood", async () => {
    const window = new Window().list("one", { "1": gone });
    window.answer = () => {
      window.door = undefined;
      return true;
    };
    await window.offer();
    window.door = doorAt(here);
    window.answer = () => true;
    await window.offer();
    assert.equal(window.questions.length, 2);
    assert.equal(window.urls.get("one")?.get("1"), here);
  });

  it("go to the address of the moment, but for those that somebody pointed elsewhere, while the question stood", async () => {
    const window = new Window().list("one", { "1": gone, "2": gone });
    const newer = `https://newer.trycloudflare.com${ingestPath}`;
    window.answer = () => {
      window.door = doorAt(newer);
      window.list("one", { "1": gone, "2": "https://staging.example.com/hook" });
      return true;
    };
    await window.offer();
    assert.deepEqual([...(window.urls.get("one")?.values() ?? [])], [newer, "https://staging.example.com/hook"]);
  });

  it("are asked about later where the question cannot be asked, or it cannot be read which are lent", async () => {
    const window = new Window().list("one", { "1": gone });
    window.lent.has = () => assert.fail("the vault is locked");
    await window.offer();
    assert.deepEqual(window.questions, []);
    Reflect.deleteProperty(window.lent, "has");
    window.answer = async () => Promise.reject(new Error("No window"));
    await window.offer();
    window.answer = () => true;
    await window.offer();
    assert.deepEqual(window.questions, [["1"], ["1"]]);
    assert.equal(window.urls.get("one")?.get("1"), here);
  });
});
