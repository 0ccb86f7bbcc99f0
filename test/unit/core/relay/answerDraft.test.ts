import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  challengesOfServices,
  formatHeader,
  isSameChallenge,
  likelyType,
  parseHeader,
  toAnswer,
  toDraft,
} from "../../../../src/core/relay/answerDraft.ts";
import { answerFaultSentence, answerSentence } from "../../../../src/core/relay/answerWords.ts";
import { type AnswerFault, type ChosenAnswer, faultOfAnswer } from "../../../../src/protocol/chosenAnswer.ts";

const full: ChosenAnswer = {
  status: 202,
  headers: [
    ["Content-Type", "application/json"],
    ["X-One", "1"],
  ],
  body: "{}",
  challenge: challengesOfServices.meta,
};

describe("an answer while it is chosen", () => {
  it("begins with what is in force, and comes out the same when nothing is changed", () => {
    assert.deepEqual(toAnswer(toDraft(full)), full);
    const bare: ChosenAnswer = { status: 404, headers: [["X-One", "1"]], body: "text" };
    assert.deepEqual(toAnswer(toDraft(bare)), bare);
  });

  it("begins with an empty 200 where the relay gives its own", () => {
    assert.deepEqual(toAnswer(toDraft(undefined)), { status: 200, headers: [], body: "" });
  });

  it("loses body and type with a status that has none, and the type with the body", () => {
    assert.deepEqual(toAnswer({ ...toDraft(full), status: 204 }), {
      status: 204,
      headers: [["X-One", "1"]],
      body: "",
      challenge: full.challenge,
    });
    assert.deepEqual(toAnswer({ ...toDraft(full), body: "" }).headers, [["X-One", "1"]]);
  });

  it("is taken for the type that its body seems to be", () => {
    assert.deepEqual(['{"a":1}', " [1]", "{", "1", "ok", "<Response/>", ""].map(likelyType), [
      ...["application/json", "application/json", "text/plain", "text/plain", "text/plain", "application/xml"],
      "text/plain",
    ]);
  });

  it("reads headers as people write them, with colons in the value", () => {
    assert.deepEqual(parseHeader("X-A:  b: c "), ["X-A", "b: c"]);
    assert.deepEqual(parseHeader("X-A:"), ["X-A", ""]);
    assert.equal(parseHeader("X-A"), undefined);
    assert.equal(formatHeader(["X-A", "b: c"]), "X-A: b: c");
  });

  it("offers challenges that a relay takes", () => {
    for (const challenge of Object.values(challengesOfServices)) {
      assert.equal(faultOfAnswer({ ...full, challenge }), undefined);
      assert.ok(isSameChallenge(challenge, { ...challenge }));
    }
    assert.ok(!isSameChallenge(challengesOfServices.slack, challengesOfServices.dropbox));
    assert.ok(!isSameChallenge(challengesOfServices.dropbox, challengesOfServices.meta));
    assert.ok(isSameChallenge(undefined, undefined) && !isSameChallenge(undefined, challengesOfServices.meta));
  });
});

describe("the words about an answer", () => {
  it("say what senders get", () => {
    assert.match(answerSentence(undefined), /own answer, 200 \{"ok":true\}/);
    assert.match(answerSentence({ status: 404, headers: [], body: "" }), /^Senders get status 404 from the relay\.$/);
    assert.match(answerSentence(full), /status 202 .* “hub\.challenge”/);
  });

  it("say of each fault what to do about it, each in other words", () => {
    const faults: readonly AnswerFault[] = [
      { kind: "status" },
      { kind: "body-with-status", status: 204 },
      { kind: "body-too-large" },
      { kind: "too-many-headers" },
      { kind: "header-name", name: "a b" },
      { kind: "header-value", name: "X-A" },
      { kind: "repeated-header", name: "X-A" },
      { kind: "reserved-header", name: "Date" },
      { kind: "content-type", value: "text/html" },
      { kind: "challenge-name" },
    ];
    const sentences = faults.map(answerFaultSentence);
    assert.equal(new Set(sentences).size, faults.length);
    for (const sentence of sentences) assert.match(sentence, /^[“A-Z].+\.$/);
  });
});
