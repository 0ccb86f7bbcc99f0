import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Result, fail, succeed } from "../../../src/base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { networkProblem } from "../../../src/zoho/networkProblem.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import type { SubscribeOutcomes } from "../../../src/zoho/watchAnswer.ts";
import { aClient } from "./aClient.ts";
import { ScriptedTransport, answer, errorOf, reply, valueOf } from "./scriptedTransport.ts";

type Item = Readonly<{ channel_id: string }>;
type Details = Readonly<Record<string, unknown>>;

interface Manners {
  /** The channels because of which everything is refused. */
  readonly bad: readonly string[];
  /** What the refusal says of the item at a place. */
  readonly naming?: (place: number, id: string) => Details;
  readonly code?: string;
  readonly status?: number;
  /** The refusal is the only entry of a list. */
  readonly isWrapped?: boolean;
}

/** A server that does nothing of a request of which it does not like one item. */
class StrictServer implements HttpTransport {
  /** The channels of each request. */
  readonly asked: string[][] = [];
  readonly #manners: Manners;

  constructor(manners: Manners) {
    this.#manners = manners;
  }

  readonly send = async ({ url, body }: HttpRequest): Promise<Result<HttpAnswer, ZohoProblem>> => {
    const ids =
      body === undefined
        ? (new URL(url).searchParams.get("channel_ids") ?? "").split(",")
        : (JSON.parse(body) as { watch: Item[] }).watch.map(item => item.channel_id);
    this.asked.push(ids);
    return Promise.resolve(succeed(this.#answerTo(ids)));
  };

  #answerTo(ids: readonly string[]): HttpAnswer {
    const { bad, naming = () => ({}), code = "INVALID_DATA", status = 400, isWrapped = false } = this.#manners;
    const place = ids.findIndex(id => bad.includes(id));
    if (place < 0) return answer(200, { watch: ids.map(grantedOf) });
    const error = { code, status: "error", message: "", details: naming(place, ids[place] ?? "") };
    return answer(status, isWrapped ? { watch: [error] } : error);
  }
}

function grantedOf(channel_id: string): object {
  const grant = { channel_id, resource_name: "Leads", channel_expiry: "2026-01-12T08:00:00+00:00" };
  return { status: "success", code: "SUCCESS", message: "", details: { channel_id, events: [grant] } };
}

function idsUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function renewals(ids: readonly string[]): Parameters<ReturnType<typeof aClient>["renewMany"]>[0] {
  const common = { events: ["Leads.create"], notifyUrl: "https://x.example.com", token: "t", expiresAt: 0 };
  return ids.map(channelId => ({ ...common, channelId }));
}

async function renewed(transport: HttpTransport, ids: readonly string[]): Promise<SubscribeOutcomes> {
  return valueOf(await aClient(transport).renewMany(renewals(ids)));
}

/** The channels that were not granted, with the code of the problem. */
function failed(outcomes: SubscribeOutcomes): string[] {
  return [...outcomes].flatMap(([id, outcome]) => (outcome.ok ? [] : [`${id} ${outcome.error.code}`]));
}

describe("a request about several channels that is refused because of one", () => {
  const namings: readonly (readonly [name: string, naming: (place: number, id: string) => Details])[] = [
    ["its path", place => ({ api_name: "notify_url", json_path: `$.watch[${place}].notify_url` })],
    ["the id of its channel", (_, id) => ({ channel_id: id })],
    [
      "the paths of what it lacks",
      place => ({
        expected_fields: ["id", "api_name"].map(name => ({
          api_name: name,
          json_path: `$.watch[${place}].notification_condition[0].module.${name}`,
        })),
      }),
    ],
    [
      "the paths of what is contradictory",
      place => ({ ambiguity_due_to: [{ json_path: `$.watch[${place}].events` }] }),
    ],
    ["the path of what makes a field necessary", place => ({ dependee: { json_path: `$.watch[${place}].events` } })],
  ];
  for (const [name, naming] of namings) {
    it(`is sent again without it where the answer names it by ${name}`, async () => {
      const server = new StrictServer({ bad: ["2"], naming });
      assert.deepEqual(failed(await renewed(server, ["1", "2", "3"])), ["2 INVALID_DATA"]);
      assert.deepEqual(server.asked, [
        ["1", "2", "3"],
        ["1", "3"],
      ]);
    });
  }

  it("is sent again without each that is named, whatever the code and the method, and wrapped as a list too", async () => {
    const naming = (place: number): Details => ({ json_path: `$.watch[${place}].channel_id` });
    for (const isWrapped of [false, true]) {
      for (const code of ["MANDATORY_NOT_FOUND", "NOT_SUBSCRIBED", "SOMETHING_NEW"]) {
        const server = new StrictServer({ bad: ["1", "3"], naming, code, isWrapped });
        assert.deepEqual(failed(await renewed(server, ["1", "2", "3"])), [`1 ${code}`, `3 ${code}`]);
      }
    }
    const server = new StrictServer({ bad: ["1"], naming });
    const flags = { notifyOnRelatedAction: false, returnAffectedFieldValues: false };
    const requests = renewals(["1", "2"]).map(each => ({ ...each, ...flags }));
    assert.deepEqual(failed(valueOf(await aClient(server).subscribeMany(requests))), ["1 INVALID_DATA"]);
  });

  it("is halved until it is found where the answer names none, or none of the request", async () => {
    for (const naming of [() => ({}), () => ({ json_path: "$.watch[99].events" }), () => ({ channel_id: "99" })]) {
      const server = new StrictServer({ bad: ["30"], naming });
      assert.deepEqual(failed(await renewed(server, idsUpTo(50))), ["30 INVALID_DATA"]);
      assert.ok(server.asked.length <= 13, String(server.asked.length));
    }
  });

  it("costs no more requests than twenty beside the first, and what was not tried has the same reason", async () => {
    const all = idsUpTo(50);
    for (const naming of [() => ({}), (place: number) => ({ json_path: `$.watch[${place}].events` })]) {
      const server = new StrictServer({ bad: all, naming });
      assert.equal(failed(await renewed(server, all)).length, 50);
      assert.equal(server.asked.length, 21);
    }
  });

  it("takes no other channel along where one cannot be deleted", async () => {
    for (const naming of [(_: number, id: string) => ({ channel_id: id }), () => ({})]) {
      for (const code of ["INVALID_DATA", "NOT_SUBSCRIBED"]) {
        const server = new StrictServer({ bad: ["2"], naming, code });
        const outcomes = valueOf(await aClient(server).unsubscribe(["1", "2", "3"]));
        const codes = [...outcomes].map(([id, each]) => `${id} ${each.ok ? "ok" : each.error.code}`);
        assert.deepEqual(codes, ["1 ok", `2 ${code}`, "3 ok"]);
      }
    }
  });

  it("keeps the order of the channels", async () => {
    const outcomes = await renewed(new StrictServer({ bad: ["2"] }), idsUpTo(5));
    assert.deepEqual([...outcomes.keys()], idsUpTo(5));
  });

  it("is a failure as a whole where it is about one channel", async () => {
    const server = new StrictServer({ bad: ["1"] });
    assert.equal(errorOf(await aClient(server).renewMany(renewals(["1"]))).code, "INVALID_DATA");
    assert.equal(server.asked.length, 1);
  });
});

describe("a request about several channels that fails for a reason that is none of theirs", () => {
  const naming = (place: number): Details => ({ json_path: `$.watch[${place}].events` });
  for (const [code, status] of [
    ["TOO_MANY_REQUESTS", 429],
    ["OAUTH_SCOPE_MISMATCH", 401],
    ["NO_PERMISSION", 403],
    ["INVALID_URL_PATTERN", 404],
    ["INTERNAL_ERROR", 400],
  ] as const) {
    it(`is not split: ${code}`, async () => {
      const server = new StrictServer({ bad: ["1"], naming, code, status });
      assert.equal(errorOf(await aClient(server).renewMany(renewals(["1", "2"]))).code, code);
      assert.equal(server.asked.length, 1);
    });
  }

  it("is not split where the answer has several results, or its status says that something was done", async () => {
    const refused = { code: "INVALID_DATA", status: "error", message: "", details: {} };
    for (const [status, watch] of [
      [400, [refused, refused]],
      [207, [refused]],
    ] as const) {
      const transport = new ScriptedTransport(reply(status, { watch }));
      const outcomes = await renewed(transport, ["1", "2", "3"]);
      assert.deepEqual(failed(outcomes), ["1 UNANSWERED", "2 UNANSWERED", "3 UNANSWERED"]);
    }
  });

  it("is not sent further where that comes after the first refusal", async () => {
    const server = new StrictServer({ bad: ["1"] });
    const send: HttpTransport["send"] = async request =>
      server.asked.length < 2 ? server.send(request) : fail(networkProblem("ECONNREFUSED", "x.example.com"));
    const calls: string[] = [];
    const transport: HttpTransport = {
      send: async request => {
        calls.push(request.method);
        return send(request);
      },
    };
    const codes = [...(await renewed(transport, ["1", "2", "3", "4"])).values()].map(each => errorOf(each).kind);
    // The half of the first was refused again before the connection broke.
    assert.deepEqual(codes, ["offline", "offline", "offline", "offline"]);
    assert.deepEqual(calls, ["PATCH", "PATCH", "PATCH"]);
  });

  it("leaves what became of a part open where its answer is nobody's, and goes on with the others", async () => {
    const server = new StrictServer({ bad: ["1"] });
    const send: HttpTransport["send"] = async request =>
      server.asked.length === 1 && (await server.send(request)).ok
        ? succeed(answer(200, "<html>"))
        : server.send(request);
    const outcomes = await renewed({ send }, ["1", "2", "3", "4"]);
    assert.deepEqual(failed(outcomes), ["1 UNREADABLE_ANSWER", "2 UNREADABLE_ANSWER"]);
  });
});
