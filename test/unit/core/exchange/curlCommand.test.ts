import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { finished } from "../../../../src/base/steps.ts";
import { utf8Encode } from "../../../../src/base/bytes.ts";
import { cmdWord, posixWord, powershellArgument } from "../../../../src/base/shell.ts";
import { type Shell, curlCommand } from "../../../../src/core/exchange/curlCommand.ts";
import { Redaction } from "../../../../src/core/events/redaction.ts";
import { type Secrets, outgoing } from "../../../../src/core/exchange/outgoingRequest.ts";
import type { CapturedRequest } from "../../../../src/protocol/capturedRequest.ts";
import { notificationBody } from "../../../support/eventBodies.ts";
import { aRequest, hostileRequest, hostileText } from "./aRequest.ts";

const handler = "http://127.0.0.1:3000/hook";
const token = "token-of-the-test";
const posixShells = ["/bin/sh", "/bin/bash"].filter(shell => existsSync(shell));

function command(request: CapturedRequest, shell: Shell = "posix", secrets: Secrets = "shown"): string {
  const result = curlCommand(
    finished(outgoing(request, secrets === "hidden" ? new Redaction([]) : undefined)),
    handler,
    shell,
  );
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  return result.value;
}

interface Called {
  readonly argv: readonly string[];
  readonly stdin: Buffer;
}

/** What curl would get from a real shell: a function of its name writes its arguments, then what is piped into it. */
function run(shell: string, script: string): Called {
  const stub = `curl() { for a in "$@"; do printf '%s\\0' "$a"; done; printf '\\0'; case "$*" in *--data-binary*) cat;; esac; }`;
  const env = { PATH: process.env["PATH"], ZOHO_CHANNEL_TOKEN: token };
  const { stdout, stderr, status } = spawnSync(shell, { env, input: `${stub}\n${script}`, maxBuffer: 1e8 });
  assert.equal(status, 0, stderr.toString());
  const end = stdout.indexOf("\0\0");
  return { argv: stdout.subarray(0, end).toString().split("\0"), stdin: stdout.subarray(end + 2) };
}

/** The body that curl would send. */
function bodyOf({ argv, stdin }: Called): Buffer {
  const raw = argv.indexOf("--data-raw");
  return raw < 0 ? stdin : Buffer.from(argv[raw + 1] ?? "");
}

function optionValues({ argv }: Called, option: string): readonly string[] {
  return argv.flatMap((each, index) => (argv[index - 1] === option && each !== "" ? [each] : []));
}

describe("a token that is a number", () => {
  it("is left to the variable like any other", () => {
    const body = notificationBody().replace(`"${token}"`, "9223372036854775807");
    const text = command(aRequest({ body: utf8Encode(body) }), "posix", "hidden");
    assert.ok(!text.includes("9223372036854775807"));
    assert.match(text, /ZOHO_CHANNEL_TOKEN/);
  });
});

describe("a word of a POSIX shell", () => {
  for (const shell of posixShells) {
    it(`arrives as it is, whatever it holds, in ${shell}`, () => {
      const words = fc.array(
        hostileText.map(text => text.replaceAll("\0", "")),
        { minLength: 1, maxLength: 20 },
      );
      fc.assert(
        fc.property(words, texts => {
          const line = `printf '%s\\0' ${texts.map(text => posixWord([text])).join(" ")}`;
          const { stdout } = spawnSync(shell, ["-c", line], { encoding: "utf8" });
          assert.deepEqual(stdout.split("\0").slice(0, -1), texts);
        }),
        { numRuns: 20 },
      );
    });
  }

  it("has no character that a terminal takes for a key", () => {
    fc.assert(
      fc.property(hostileText, text => {
        assert.doesNotMatch(posixWord([text]), /[\u0000-\u0009\u000b-\u001f\u007f]/);
      }),
    );
  });
});

describe("an event as a command for curl", () => {
  for (const shell of posixShells) {
    it(`sends method, address, headers and body of any request to the byte, in ${shell}`, () => {
      fc.assert(
        fc.property(hostileRequest, request => {
          const called = run(shell, command(request));
          assert.deepEqual(bodyOf(called), Buffer.from(request.body));
          const url = `http://127.0.0.1:3000/hook${request.path}${request.query === "" ? "" : `?${request.query}`}`;
          assert.ok(called.argv.includes(url), `${called.argv.join(" ")} has no ${url}`);
          assert.deepEqual(optionValues(called, "--request"), [request.method]);
          const sent = optionValues(called, "--header").filter(header => header !== "Content-Type:");
          assert.deepEqual(
            sent,
            request.headers.map(([name, value]) => `${name}: ${value}`),
          );
        }),
        { numRuns: 20 },
      );
    });
  }

  it("takes bodies that no argument can hold through a pipe", () => {
    for (const body of [
      utf8Encode(`{"a":"${"ü'".repeat(100_000)}"}`),
      utf8Encode("a\r\nb\0"),
      Buffer.from([0xff, 0xfe, 0]),
    ]) {
      assert.deepEqual(bodyOf(run("/bin/sh", command(aRequest({ body })))), Buffer.from(body));
    }
  });

  it("leaves the token to a variable and credentials out, unless they are wanted", () => {
    const request = aRequest({
      headers: [
        ["Authorization", "secret"],
        ["Cookie", "secret"],
        ["X-Api-Key", "secret"],
      ],
      query: `a=b&token=${token}`,
    });
    for (const shell of ["posix", "powershell", "cmd"] as const) {
      const text = command(request, shell, "hidden");
      assert.ok(!text.includes(token) && !text.includes("secret"), text);
      assert.match(command(request, shell), /token-of-the-test/);
    }
    const called = run("/bin/sh", command(request, "posix", "hidden"));
    assert.equal(bodyOf(called).toString(), notificationBody());
    assert.ok(called.argv.includes(`${handler}?a=b&token=${token}`));
  });

  it("keeps a token out of sight beside characters that are keys", () => {
    const body = utf8Encode(`{"a":"x",\t"token":"${token}"}`);
    const text = command(aRequest({ body }), "posix", "hidden");
    assert.ok(!text.includes(token));
    assert.deepEqual(bodyOf(run("/bin/sh", text)), Buffer.from(body));
  });

  it("keeps curl from guessing", () => {
    const text = command(aRequest({ path: "/a/../b", query: "x=[1-3]", headers: [["X-Empty", ""]] }));
    for (const option of ["--globoff", "--path-as-is", "'X-Empty;'", "'Content-Type:'"])
      assert.ok(text.includes(option), text);
    assert.match(command(aRequest({ method: "HEAD", body: new Uint8Array() })), /^curl --head /);
  });
});

/** What a Windows program makes of its command line, by the rules of Microsoft's C runtime. */
function windowsArguments(line: string): string[] {
  const found: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length;) {
    const slashes = /^\\+(?=")/.exec(line.slice(at))?.[0].length ?? 0;
    if (slashes > 0) {
      current = (current ?? "") + "\\".repeat(Math.floor(slashes / 2)) + (slashes % 2 === 1 ? '"' : "");
      at += slashes + (slashes % 2);
    } else if (line[at] === '"') {
      quoted = !quoted;
      current ??= "";
      at++;
    } else if (!quoted && /[ \t]/.test(line[at] ?? "")) {
      if (current !== undefined) found.push(current);
      current = undefined;
      at++;
    } else {
      current = (current ?? "") + (line[at++] ?? "");
    }
  }
  return current === undefined ? found : [...found, current];
}

/** What the Command Prompt hands on: outside of quotes a caret takes the meaning from what follows. */
function afterPrompt(line: string): string {
  assert.doesNotMatch(line.replaceAll(/\^[^]/g, ""), /["&|<>()%!^]/, "something reaches the prompt");
  return line.replaceAll(/\^([^])/g, "$1");
}

/** What PowerShell hands on in its Legacy way: in quotes where there is white space, and no more than that. */
function afterPowershell(word: string): string {
  const text = /^'([^]*)'$/.exec(word)?.[1] ?? assert.fail(word);
  assert.doesNotMatch(text.replaceAll(/(['\u2018-\u201b])\1/g, ""), /['\u2018-\u201b]/, "the string ends early");
  const value = text.replaceAll(/(['\u2018-\u201b])\1/g, "$1");
  return /\s/.test(value) || value === "" ? `"${value}"` : value;
}

describe("a word for Windows", () => {
  it("arrives as it is through the Command Prompt, or is refused", () => {
    fc.assert(
      fc.property(hostileText, text => {
        const word = cmdWord([text]);
        assert.equal(word.ok, !/\p{Cc}/u.test(text));
        if (word.ok) assert.deepEqual(windowsArguments(afterPrompt(word.value)), [text]);
      }),
    );
  });

  it("arrives as it is through PowerShell", () => {
    fc.assert(
      fc.property(hostileText, text => {
        assert.deepEqual(windowsArguments(afterPowershell(powershellArgument([text]))), [text]);
      }),
    );
  });

  it("has the body of a command for PowerShell in a file, to the byte", () => {
    const text = command(aRequest({ body: Buffer.from([1, 2, 255]) }), "powershell");
    assert.match(text, /WriteAllBytes\(\$body\.FullName, \[Convert\]::FromBase64String\('AQL\/'\)\)/);
    assert.match(command(aRequest(), "powershell"), /GetBytes\('\{"server_time":1750102639787,/);
  });

  it("refuses for the Command Prompt what cannot be typed there", () => {
    for (const body of [utf8Encode("a\nb"), Buffer.from([255]), utf8Encode("x".repeat(9_000))]) {
      const result = curlCommand(finished(outgoing(aRequest({ body }), undefined)), handler, "cmd");
      assert.equal(result.ok ? "" : result.error.code, "NOT_FOR_COMMAND_PROMPT");
    }
  });
});
