import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import Module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

/** A module that was loaded, and the way to have it load faster next time. */
export interface LoadedModule {
  readonly exports: unknown;
  /** Whether V8 took what was kept of earlier loads instead of compiling anew: the module, and its neighbours so far. */
  readonly isFromCache: boolean;
  /**
   * Keeps what V8 has compiled by now and had not kept, with the functions that ran since: to be called when the work that
   * should be fast next time is done. Never rejects: without a cache, loading is slower, and no more.
   */
  keep(): Promise<void>;
}

type ModuleFunction = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/** A file that was loaded. */
interface LoadedFile {
  readonly module: { exports: unknown };
  readonly script: Script;
  readonly cacheFile: string;
  readonly isFromCache: boolean;
}

/** How a bundle requires the ones beside it. */
const neighbour = /^\.\/[\w-]+\.cjs$/;

/**
 * Loads a CommonJS module, and what it requires of the files beside it, with V8's code cache: most of what a large bundle
 * costs at its start is its compilation. Node's own `module.enableCompileCache` is for whole processes, and that of an
 * extension belongs to all extensions. The modules may `require` others; `import()` they have none.
 */
export class CodeCache {
  readonly #folder: string;

  /** Kept in `folder`, whose parent has to be there when it is written. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws what loading the module throws. */
  load(file: string): LoadedModule {
    const loaded = new Map<string, LoadedFile>();
    const { module } = this.#load(file, loaded);
    return {
      exports: module.exports,
      get isFromCache(): boolean {
        return [...loaded.values()].every(one => one.isFromCache);
      },
      keep: async () => this.#keep(dirname(file), [...loaded.values()]),
    };
  }

  #load(file: string, loaded: Map<string, LoadedFile>): LoadedFile {
    const cacheFile = join(this.#folder, cacheName(file));
    const cachedData = readIfThere(cacheFile);
    const script = new Script(Module.wrap(readFileSync(file, "utf8")), {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    const isFromCache = cachedData !== undefined && script.cachedDataRejected !== true;
    const one = { module: { exports: {} as unknown }, script, cacheFile, isFromCache };
    // Before it runs, as Node does it: who requires it meanwhile gets what it has exported so far.
    loaded.set(file, one);
    try {
      this.#run(file, one, loaded);
    } catch (error) {
      loaded.delete(file);
      throw error;
    }
    return one;
  }

  #run(file: string, { script, module }: LoadedFile, loaded: Map<string, LoadedFile>): void {
    const folder = dirname(file);
    const requireOthers = createRequire(file);
    const requireAny = (id: string): unknown => {
      if (!neighbour.test(id)) return requireOthers(id) as unknown;
      const path = join(folder, id);
      return (loaded.get(path) ?? this.#load(path, loaded)).module.exports;
    };
    const run = script.runInThisContext() as ModuleFunction;
    run(module.exports, requireAny, module, file, folder);
  }

  async #keep(place: string, loaded: readonly LoadedFile[]): Promise<void> {
    const unkept = loaded.filter(one => !one.isFromCache);
    if (unkept.length === 0) return;
    try {
      await mkdir(this.#folder).catch(unlessThere);
      for (const { cacheFile, script } of unkept) await writeWhole(cacheFile, script.createCachedData());
      await this.#removeOlder(place);
    } catch {
      // See LoadedModule.keep.
    }
  }

  /** Removes what was kept of other builds; of the one in `place`, what is kept of files that this start did not need stays. */
  async #removeOlder(place: string): Promise<void> {
    const files = (await readdir(place)).filter(name => name.endsWith(".cjs"));
    const current = new Set(files.map(name => cacheName(join(place, name))));
    const older = (await readdir(this.#folder)).filter(name => !current.has(name));
    await Promise.all(older.map(async name => rm(join(this.#folder, name), { force: true })));
  }
}

/** Whole or not at all, since other windows may read it meanwhile. */
async function writeWhole(file: string, data: Buffer): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, data);
  await rename(unfinished, file);
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
