import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCli } from "../../../src/cli/runCli.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

async function run(...args: string[]): Promise<{ code: number; out: string; complaints: string }> {
  const [out, complaints]: [string[], string[]] = [[], []];
  const code = await runCli(args, {
    environment: {},
    out: line => out.push(line),
    complain: line => complaints.push(line),
  });
  return { code, out: out.join("\n"), complaints: complaints.join("\n") };
}

describe("the command line of zoho-crm-events", () => {
  it("is refused with 2 and a sentence where it cannot be carried out", async test => {
    const folder = temporaryFolder(test);
    const to = ["--to", "http://127.0.0.1:9"];
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["replay", folder], /^Say where to with --to/],
      [["replay", ...to], /^Name fixture files/],
      [["replay", folder, ...to], /^There are no fixtures there\.$/],
      [["replay", folder, ...to, "--expect", "fine"], /^--expect takes/],
      [["replay", folder, ...to, "--timeout", "0"], /^--timeout takes/],
      [["replay", folder, "--to", "here"], /^Give the address of your handler/],
      [["replay", join(folder, "none"), ...to], /none: The file cannot be read \(ENOENT\)\.$/],
      [["validate", folder, ...to], /^--to is for replay only/],
      [["validate", folder], /^There are no fixtures there\.$/],
      [["list", folder], /^There are no fixtures there\.$/],
      [["resend", folder], /^There is no command “resend”/],
      [["list", folder, "--all"], /--all/],
    ];
    for (const [args, message] of wrong) {
      const { code, out, complaints } = await run(...args);
      assert.deepEqual([code, out], [2, ""], args.join(" "));
      assert.match(complaints, message);
    }
  });

  it("is helped out with 0", async () => {
    for (const args of [[], ["help"], ["--help"], ["replay", "-h"]]) {
      const { code, out } = await run(...args);
      assert.equal(code, 0);
      assert.match(out, /replay <files or folders…> --to <url>/);
    }
  });
});
