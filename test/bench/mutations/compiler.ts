import { join } from "node:path";
import ts from "typescript";
import { repositoryRoot } from "../../workbench/repository.ts";
import { type Mutation, applyMutation } from "./mutation.ts";

/** Says whether the compiler refuses a source that has a fault. What it would refuse elsewhere is not looked for. */
export class Compiler {
  readonly #changed = new Map<string, { readonly version: number; readonly text: string }>();
  readonly #service: ts.LanguageService;

  /** Reads all sources, which takes its time, so that nothing else does later. */
  constructor() {
    this.#service = ts.createLanguageService(this.#host(readOptions()));
    this.#service.getProgram();
  }

  refuses(mutation: Mutation): boolean {
    const path = join(repositoryRoot, mutation.file);
    const text = ts.sys.readFile(path) ?? "";
    this.#put(path, applyMutation(text, mutation));
    try {
      return this.#faultsOf(path) > 0;
    } finally {
      this.#put(path, text);
    }
  }

  #faultsOf(path: string): number {
    return this.#service.getSyntacticDiagnostics(path).length + this.#service.getSemanticDiagnostics(path).length;
  }

  #put(path: string, text: string): void {
    this.#changed.set(path, { version: (this.#changed.get(path)?.version ?? 0) + 1, text });
  }

  #host({ options, fileNames }: ts.ParsedCommandLine): ts.LanguageServiceHost {
    const read = (path: string): string | undefined => this.#changed.get(path)?.text ?? ts.sys.readFile(path);
    return {
      getCompilationSettings: () => options,
      getScriptFileNames: () => fileNames.filter(path => path.startsWith(join(repositoryRoot, "src"))),
      getScriptVersion: path => String(this.#changed.get(path)?.version ?? 0),
      getScriptSnapshot: path => {
        const text = read(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => repositoryRoot,
      getDefaultLibFileName: each => ts.getDefaultLibFilePath(each),
      fileExists: path => ts.sys.fileExists(path),
      readFile: read,
      directoryExists: path => ts.sys.directoryExists(path),
      getDirectories: path => ts.sys.getDirectories(path),
    };
  }
}

function readOptions(): ts.ParsedCommandLine {
  const { config } = ts.readConfigFile(join(repositoryRoot, "tsconfig.json"), path => ts.sys.readFile(path)) as {
    config: unknown;
  };
  return ts.parseJsonConfigFileContent(config, ts.sys, repositoryRoot);
}
