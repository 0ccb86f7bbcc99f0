import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A file system of a few megabytes of its own. */
export interface SmallDisk {
  readonly path: string;
  resize(mebibytes: number): void;
}

/** Mounts one that goes with the test; undefined where this user or system cannot. */
export function mountSmallDisk(test: TestContext, mebibytes: number): SmallDisk | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const path = mkdtempSync(join(tmpdir(), "zcn-disk-"));
  test.after(() => {
    run("umount", ["-l", path]);
    rmdirSync(path);
  });
  if (!run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path])) return undefined;
  return {
    path,
    resize: size => {
      if (!run("mount", ["-o", `remount,size=${size}m`, path])) throw new Error("The small disk did not grow");
    },
  };
}

function run(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
