import { globSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import ts from "typescript";

/** Who loads a source, directly or through others; files are named from the root, with slashes. */
export class Importers {
  readonly #importersOf: ReadonlyMap<string, readonly string[]>;

  constructor(importersOf: ReadonlyMap<string, readonly string[]>) {
    this.#importersOf = importersOf;
  }

  /** Reads the imports of all sources and tests under `root`. */
  static of(root: string): Importers {
    const importersOf = new Map<string, string[]>();
    for (const file of globSync("{src,test}/**/*.ts", { cwd: root }).map(path => path.replaceAll(sep, "/"))) {
      for (const imported of importsOf(file, readFileSync(join(root, file), "utf8"))) {
        const importers = importersOf.get(imported) ?? [];
        importersOf.set(imported, importers);
        importers.push(file);
      }
    }
    return new Importers(importersOf);
  }

  /** The tests of a ring that load the source, in the order of how directly they do. */
  testsOf(file: string, ring: string): string[] {
    const reached = new Set([file]);
    for (const each of reached) for (const importer of this.#importersOf.get(each) ?? []) reached.add(importer);
    return [...reached].filter(each => each.startsWith(`test/${ring}/`) && each.endsWith(".test.ts"));
  }
}

/** What a source loads of this repository: not what it takes types of only, which is gone when it runs. */
export function importsOf(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier?.startsWith(".") === true) found.add(posix.join(posix.dirname(file), specifier));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found];
}

function specifierOf(node: ts.Node): string | undefined {
  const specifier = loadedBy(node);
  return specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

function loadedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node)) {
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? undefined : node.moduleSpecifier;
  }
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? undefined : node.moduleSpecifier;
  const isLoading = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isLoading ? node.arguments[0] : undefined;
}
