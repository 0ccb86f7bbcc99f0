import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { handlerFile, handlerLanguages, handlerSamples } from "../../../src/core/handlers/scaffold/handlerPlan.ts";
import { typeErrorsOf } from "../../support/typeCheck.ts";
import { RunningHandler, buildTemplates, channelId, scaffold, siteVisitBody, token } from "./scaffoldedHandler.ts";

const run = promisify(execFile);

describe("a new handler", () => {
  const templates = mkdtempSync(join(tmpdir(), "zcn-test-"));

  before(() => buildTemplates(templates));
  after(() => rmSync(templates, { recursive: true, force: true }));

  const bookings = (folder: string): unknown[] => {
    const file = join(folder, "data", "calendar.json");
    const calendar: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
    assert.ok(Array.isArray(calendar));
    return calendar;
  };

  for (const language of handlerLanguages) {
    for (const sample of handlerSamples) {
      it(`in ${language} (${sample}) passes its own test, which replays its fixture`, async test => {
        const folder = await scaffold(test, language, sample, templates);
        // A test within a test would report to the runner of this one.
        const { NODE_TEST_CONTEXT: _, ...env } = process.env;
        const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap"], { cwd: folder, env });
        assert.match(stdout, /^# pass 3$/m);
        assert.match(stdout, /^# fail 0$/m);
        assert.ok(!existsSync(join(folder, "data")), "the test leaves the real calendar alone");
      });
    }

    it(`in ${language} takes what is verified once, and refuses the rest`, async test => {
      const folder = await scaffold(test, language, "siteVisits", templates);
      const handler = await RunningHandler.start(test, join(folder, handlerFile(language)));
      const statuses = async (...bodies: string[]): Promise<number[]> => {
        const answers = [];
        for (const body of bodies) answers.push((await handler.post(body)).status);
        return answers;
      };
      assert.deepEqual(await statuses(siteVisitBody(), siteVisitBody()), [200, 200]);
      assert.equal(bookings(folder).length, 1);
      assert.deepEqual(
        await statuses(
          siteVisitBody({ token: "guessed", server_time: 1 }),
          siteVisitBody({ token: null, server_time: 2 }),
          siteVisitBody({ channel_id: "2305843009213693954", server_time: 3 }),
          "{",
          "[]",
          "",
          siteVisitBody({ token: { value: token }, server_time: 4 }),
          siteVisitBody({ channel_id: null, server_time: 5 }),
          siteVisitBody({ token: null }).replace('"token":null', `"token":${"[".repeat(9_000)}${"]".repeat(9_000)}`),
          `{"a":"${'\\"'.repeat(1024 * 1024)}`,
          " ".repeat(10 * 1024 * 1024 + 1),
        ),
        [401, 401, 401, 400, 400, 400, 401, 401, 400, 400, 413],
      );
      assert.equal((await fetch(handler.url)).status, 405);
      assert.equal(bookings(folder).length, 1);
    });

    it(`in ${language} does not handle again after a restart what was handled before`, async test => {
      const folder = await scaffold(test, language, "siteVisits", templates);
      const file = join(folder, handlerFile(language));
      const first = await RunningHandler.start(test, file);
      assert.equal((await first.post(siteVisitBody())).text, "1 handled, 0 had been handled before.");
      await first.end("SIGKILL");
      // As a crash in the middle of a line leaves it.
      writeFileSync(join(folder, "data", "handled.log"), '["2305', { flag: "a" });
      rmSync(join(folder, "data", "calendar.json"));
      const second = await RunningHandler.start(test, file);
      assert.equal((await second.post(siteVisitBody())).text, "0 handled, 1 had been handled before.");
      assert.equal(
        (await second.post(siteVisitBody({ server_time: 5 }))).text,
        "1 handled, 0 had been handled before.",
      );
      assert.equal(bookings(folder).length, 1);
      if (process.platform !== "win32") assert.equal(await second.end("SIGTERM"), 0);
    });
  }

  it("answers 500 with the error while the code is broken, and handles the event once it is fixed", async test => {
    const folder = await scaffold(test, "typescript", "siteVisits", templates);
    const file = join(folder, "handler.ts");
    const good = readFileSync(file, "utf8");
    // After the booking, where it hurts: the event is not handled, and the visit is booked.
    writeFileSync(file, good.replace("  console.log(", '  throw new Error("The calendar is full.");\n  console.log('));
    const broken = await RunningHandler.start(test, file);
    assert.deepEqual(await broken.post(siteVisitBody()), { status: 500, text: "The calendar is full." });
    await broken.end("SIGKILL");
    writeFileSync(file, good);
    const fixed = await RunningHandler.start(test, file);
    assert.equal((await fixed.post(siteVisitBody())).text, "1 handled, 0 had been handled before.");
    assert.equal(bookings(folder).length, 1);
  });

  for (const language of handlerLanguages) {
    it(`in ${language} keeps what was handled where it is started a second time, which fails and says why`, async test => {
      const folder = await scaffold(test, language, "siteVisits", templates);
      const file = join(folder, handlerFile(language));
      const first = await RunningHandler.start(test, file);
      // On its port before it opens anything; on another port because the folder is in use.
      await assert.rejects(RunningHandler.start(test, file, first.port), /ended with 1 .*cannot start: .*EADDRINUSE/s);
      await assert.rejects(RunningHandler.start(test, file), /ended with 1 .*cannot start: Process \d+ has .*\.lock/s);
      assert.equal((await first.post(siteVisitBody())).text, "1 handled, 0 had been handled before.");
      rmSync(join(folder, "data", "handled.log.lock"));
      const { status, text } = await first.post(siteVisitBody({ server_time: 5 }));
      assert.equal(status, 503, text);
      assert.equal(bookings(folder).length, 1);
      await first.end("SIGKILL");
      const next = await RunningHandler.start(test, file);
      assert.equal((await next.post(siteVisitBody())).text, "0 handled, 1 had been handled before.");
    });

    it(`in ${language} does not start where its log cannot be read, and leaves it as it is`, async test => {
      const folder = await scaffold(test, language, "blank", templates);
      mkdirSync(join(folder, "data", "handled.log"), { recursive: true });
      const start = RunningHandler.start(test, join(folder, handlerFile(language)));
      await assert.rejects(start, /ended with 1 .*cannot start: .*EISDIR/s);
      assert.deepEqual(readdirSync(join(folder, "data")), ["handled.log"]);
    });

    it(`in ${language} reads bodies as the world sends them, and says what it cannot read`, async test => {
      const folder = await scaffold(test, language, "blank", templates);
      const handler = await RunningHandler.start(test, join(folder, handlerFile(language)));
      let time = 0;
      const next = (): string => siteVisitBody({ server_time: ++time, resource_uri: "café" });
      const utf16 = (): Buffer => Buffer.from(`\uFEFF${next()}`, "utf16le");
      const latin = { "content-type": "application/json; charset=iso-8859-1" };
      const taken: readonly (readonly [Uint8Array, Readonly<Record<string, string>>])[] = [
        [gzipSync(next()), { "content-encoding": "gzip" }],
        [deflateSync(next()), { "content-encoding": "deflate" }],
        [brotliCompressSync(next()), { "content-encoding": "br" }],
        [zstdCompressSync(next()), { "content-encoding": "zstd" }],
        [gzipSync(next()), {}],
        [utf16(), {}],
        [gzipSync(utf16()), { "content-encoding": "gzip" }],
        [Buffer.from(next(), "latin1"), latin],
        // A proxy has undone the coding, and left its name there.
        [Buffer.from(next()), { "content-encoding": "gzip" }],
      ];
      for (const [body, headers] of taken) {
        const answer = await handler.post(body, headers);
        assert.deepEqual(
          answer,
          { status: 200, text: "1 handled, 0 had been handled before." },
          JSON.stringify(headers),
        );
      }
      const refused: readonly (readonly [Uint8Array, Readonly<Record<string, string>>, number])[] = [
        [gzipSync(next()), { "content-encoding": "compress" }, 415],
        [gzipSync(next()).subarray(0, 60), { "content-encoding": "gzip" }, 400],
        [gzipSync(Buffer.alloc(10 * 1024 * 1024 + 1)), { "content-encoding": "gzip" }, 413],
        [Buffer.from("module=Leads&id=1"), { "content-type": "application/x-www-form-urlencoded" }, 400],
        [Buffer.from('{"note":"a "quote" of somebody"}'), {}, 400],
      ];
      for (const [body, headers, status] of refused) {
        assert.equal((await handler.post(body, headers)).status, status, JSON.stringify(headers));
      }
    });
  }

  it("answers a body as soon as it is too long, and hangs up on who sends on", { timeout: 60_000 }, async test => {
    const folder = await scaffold(test, "javascript", "blank", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.js"));
    const piece = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x10_0000, 0x20), Buffer.from("\r\n")]);
    const socket = connect(Number(handler.port), "127.0.0.1");
    test.after(() => socket.destroy());
    // It is cut off in the middle of what it sends.
    socket.on("error", () => undefined);
    const closed = new Promise(resolve => socket.once("close", resolve));
    const answered = new Promise<string>(resolve => socket.once("data", (data: Buffer) => resolve(data.toString())));
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let sent = 0; sent < 11; sent++) socket.write(piece);
    assert.match(await answered, /^HTTP\/1\.1 413 /);
    const endless = Readable.from(Array.from({ length: 200 }, () => piece));
    endless.pipe(socket, { end: false });
    await closed;
    assert.ok(!endless.readableEnded);
    const put = await fetch(handler.url, { method: "PUT", body: piece });
    assert.deepEqual([put.status, put.headers.get("allow")], [405, "POST"]);
  });

  it("keeps the digits of ids that come as numbers, and of those within large bodies", async test => {
    const folder = await scaffold(test, "typescript", "siteVisits", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const long = JSON.stringify(`\\"9007199254740993${"x".repeat(5_000_000)}`);
    const body = siteVisitBody({ long: 0 })
      .replace(`"channel_id":"${channelId}"`, `"channel_id":${channelId}`)
      .replace('"long":0', `"long":${long}`);
    assert.equal((await handler.post(body)).status, 200);
    const [booking] = bookings(folder);
    assert.deepEqual(booking, {
      id: "6756839000000575405@1767600000000",
      dealId: "6756839000000575405",
      start: "2026-01-06T10:00:00.000Z",
      end: "2026-01-06T11:00:00.000Z",
    });
  });

  it("books each of many deals that come at the same time into an hour of its own", async test => {
    const folder = await scaffold(test, "typescript", "siteVisits", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const ids = Array.from({ length: 30 }, (_, index) => String(6_756_839_000_000 + index));
    const bodies = ids.map(id =>
      siteVisitBody({ ids: [id], affected_values: [{ record_id: id, values: { Stage: "Site Visit Scheduled" } }] }),
    );
    const answers = await Promise.all([...bodies, ...bodies].map(async body => handler.post(body)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    const starts = bookings(folder).map(booking => JSON.stringify(booking).replace(/.*"start":"([^"]+)".*/, "$1"));
    assert.equal(new Set(starts).size, 30);
    assert.equal(starts.length, 30);
    assert.ok(
      starts.every(start => new Date(start).getUTCDay() !== 0),
      "never on a Sunday",
    );
  });

  it("takes a deletion without a token of a channel that it knows, and handles each record of a delivery", async test => {
    const folder = await scaffold(test, "typescript", "blank", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const gone = { operation: "delete", token: null, ids: ["1", "2"], affected_values: [], affected_fields: [] };
    assert.equal((await handler.post(siteVisitBody(gone))).text, "2 handled, 0 had been handled before.");
    const more = siteVisitBody({ ...gone, ids: ["2", "3"] });
    assert.equal((await handler.post(more)).text, "1 handled, 1 had been handled before.");
  });

  it("takes a record twice in one delivery for one change, and other fields at the same time for another", async test => {
    const folder = await scaffold(test, "typescript", "blank", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const edit = (fields: readonly string[], id = "1"): string =>
      siteVisitBody({
        ids: fields.map(() => id),
        affected_fields: fields.map(field => ({ [id]: [field] })),
        affected_values: [],
      });
    const answers: string[] = [];
    for (const body of [edit(["Phone"]), edit(["Company"]), edit(["Phone"]), edit(["Phone", "Company"], "2")]) {
      answers.push((await handler.post(body)).text.slice(0, 9));
    }
    assert.deepEqual(answers, ["1 handled", "1 handled", "0 handled", "1 handled"]);
  });

  it("handles deliveries that no document describes", async test => {
    const folder = await scaffold(test, "typescript", "blank", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const bodies = [
      siteVisitBody({ operation: "restore" }),
      siteVisitBody({ operation: "UPDATE", module: null }),
      siteVisitBody({ affected_fields: null, server_time: 1 }),
      siteVisitBody({ affected_fields: [null], query_params: [], server_time: 2 }),
      `\uFEFF${siteVisitBody({ server_time: 4 })}`,
    ];
    for (const body of bodies) {
      assert.deepEqual(await handler.post(body), { status: 200, text: "1 handled, 0 had been handled before." }, body);
    }
  });

  it("handles a change whose time is none that a date can hold as one without a time", async test => {
    const folder = await scaffold(test, "typescript", "siteVisits", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const { status, text } = await handler.post(siteVisitBody({ server_time: "99999999999999999999" }));
    assert.equal(status, 200);
    assert.equal(text, "1 handled, 0 had been handled before. Could not be read, and is left out: server_time.");
    assert.equal(bookings(folder).length, 1);
  });

  it("names what it could not read in its answer and in its log, and claims no success where that was all", async test => {
    const folder = await scaffold(test, "typescript", "blank", templates);
    const handler = await RunningHandler.start(test, join(folder, "handler.ts"));
    const bare = { affected_fields: [], affected_values: [] };
    const answers: [Readonly<Record<string, unknown>>, number, string][] = [
      [{ ids: { odd: true } }, 422, "1 handled, 0 had been handled before. Could not be read, and is left out: ids."],
      [
        { ...bare, ids: ["1", { id: "2" }] },
        422,
        "1 handled, 0 had been handled before. Could not be read, and is left out: ids.",
      ],
      [
        { ...bare, ids: [], affected_fields: [{ "3": ["Phone"], Leads: ["Phone"] }] },
        422,
        "1 handled, 0 had been handled before. Could not be read, and is left out: affected_fields.",
      ],
      [
        { ...bare, ids: ["4"], affected_fields: [{ "4": ["Phone"], Leads: ["Phone"] }] },
        200,
        "1 handled, 0 had been handled before. Could not be read, and is left out: affected_fields.",
      ],
      [{ ...bare, ids: "1,2" }, 422, "Nothing was handled. Could not be read, and is left out: ids."],
      [{ ...bare, ids: [{ id: "1" }] }, 422, "Nothing was handled. Could not be read, and is left out: ids."],
      [{ ...bare, ids: [] }, 422, "Nothing was handled. The event names no record."],
    ];
    for (const [changes, status, text] of answers) {
      assert.deepEqual(await handler.post(siteVisitBody(changes)), { status, text });
    }
    await handler.end("SIGKILL");
    assert.equal(handler.errors.match(/^Channel \d+: Could not be read, and is left out: ids\.$/gm)?.length, 4);
  });

  it("in TypeScript passes tsc --strict with the organisation's types", async test => {
    const folders = await Promise.all(
      handlerSamples.map(async sample => scaffold(test, "typescript", sample, templates)),
    );
    const files = folders.flatMap(folder => [join(folder, "handler.ts"), join(folder, "handler.test.ts")]);
    assert.deepEqual(typeErrorsOf(files), []);
  });

  it("has its tokens in a file that version control leaves out", async test => {
    const folder = await scaffold(test, "javascript", "blank", templates);
    const { stdout } = await run("git", ["init", "-q", folder]).then(async () =>
      run("git", ["-C", folder, "status", "--porcelain", "--untracked-files=all"]),
    );
    assert.doesNotMatch(stdout, /\.env/);
    assert.match(stdout, /README\.md/);
    assert.ok(readFileSync(join(folder, ".env"), "utf8").includes(token));
  });
});
