import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./temporaryFolder.ts";

export interface DocumentShellOptions {
  /** What stands in the document, and what it is here: addresses, ports, folders of a server. */
  readonly here: Readonly<Record<string, string>>;
  /** Commands that are others here, by name: what a shell does in their place. */
  readonly commands?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a block ended. */
export interface ShellResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell that runs the code blocks of a document as they stand, but for what is not the same on every machine. */
export class DocumentShell {
  readonly #options: DocumentShellOptions;
  readonly #commands: string;

  constructor(test: Pick<TestContext, "after">, options: DocumentShellOptions) {
    this.#options = options;
    this.#commands = temporaryFolder(test);
    mkdirSync(this.#commands, { recursive: true });
    for (const [name, script] of Object.entries(options.commands ?? {})) {
      const file = join(this.#commands, name);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    }
  }

  /** The text with what is here in the place of what the document names. Longer names go first. */
  localised(text: string): string {
    const names = Object.entries(this.#options.here).sort(([one], [other]) => other.length - one.length);
    return names.reduce((result, [there, here]) => result.replaceAll(there, here), text);
  }

  /** Runs a block to its end, and stops at the first command that fails, as a person would. */
  async run(block: string): Promise<ShellResult> {
    const { folder, environment } = this.#options;
    const path = [this.#commands, process.env["PATH"] ?? ""].join(delimiter);
    const options = { cwd: folder ?? this.#commands, env: { ...process.env, ...environment, PATH: path } };
    return new Promise(resolve => {
      execFile("sh", ["-eu", "-c", this.localised(block)], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }
}
