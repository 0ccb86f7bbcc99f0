import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import Module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

/** A module that was loaded, and the way to have it load faster next time. */
export interface LoadedModule {
  readonly exports: unknown;
  /** Whether V8 took what was kept of an earlier load instead of compiling anew. */
  readonly isFromCache: boolean;
  /**
   * Keeps what V8 has compiled by now, with the functions that ran since: to be called when the work that should be fast
   * next time is done. Does nothing where the cache served. Never rejects: without a cache, loading is slower, and no more.
   */
  keep(): Promise<void>;
}

type ModuleFunction = (
  exports: unknown,
  require: NodeJS.Require,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/**
 * Loads a CommonJS module with V8's code cache: most of what a large bundle costs at its start is its compilation. Node's
 * own `module.enableCompileCache` is for whole processes, and that of an extension belongs to all extensions. The module
 * may `require` others; `import()` it has none.
 */
export class CodeCache {
  readonly #folder: string;

  /** Kept in `folder`, whose parent has to be there when it is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws what loading the module throws. */
  load(file: string): LoadedModule {
    const cacheFile = join(this.#folder, cacheName(file));
    const cachedData = readIfThere(cacheFile);
    const script = new Script(Module.wrap(readFileSync(file, "utf8")), {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    const isFromCache = cachedData !== undefined && script.cachedDataRejected !== true;
    const module = { exports: {} as unknown };
    const run = script.runInThisContext() as ModuleFunction;
    run(module.exports, createRequire(file), module, file, dirname(file));
    const keep = async (): Promise<void> => (isFromCache ? undefined : this.#write(cacheFile, script));
    return { exports: module.exports, isFromCache, keep };
  }

  async #write(cacheFile: string, script: Script): Promise<void> {
    try {
      await mkdir(this.#folder).catch(unlessThere);
      // Whole or not at all, since other windows may read it meanwhile.
      const unfinished = `${cacheFile}.${process.pid}`;
      await writeFile(unfinished, script.createCachedData());
      await rename(unfinished, cacheFile);
      await this.#removeOthers(cacheFile);
    } catch {
      // See LoadedModule.keep.
    }
  }

  async #removeOthers(cacheFile: string): Promise<void> {
    const files = (await readdir(this.#folder)).map(name => join(this.#folder, name));
    const others = files.filter(file => file !== cacheFile);
    await Promise.all(others.map(async file => rm(file, { force: true })));
  }
}

/**
 * V8 itself compares its own version and the length of the source, not the text: another build gets another name. The
 * path of an installed extension has its version in it.
 */
function cacheName(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${createHash("sha256").update(`${file} ${size} ${mtimeMs}`).digest("hex").slice(0, 16)}.v8`;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
