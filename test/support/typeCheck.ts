import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Writes `files` into `folder` and gives what `tsc --strict` says of them: none where all is well. */
export function typeErrors(folder: string, files: Readonly<Record<string, string>>): string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return typeErrorsOf(
    Object.keys(files)
      .filter(name => /\.[jt]s$/.test(name))
      .map(name => join(folder, name)),
  );
}

/** What `tsc --strict` says of files on disk, with what they import, as Node runs them; `types` are packages of @types. */
export function typeErrorsOf(paths: readonly string[], types: readonly string[] = []): string[] {
  const program = ts.createProgram(paths, {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    types: [...types],
    typeRoots: [join(import.meta.dirname, "../../node_modules/@types")],
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${file?.fileName ?? ""}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

/** What is declared in a source file: each interface with the names of its properties, each type with none. */
export function declarationsOf(text: string): { readonly errors: number; readonly members: Map<string, string[]> } {
  const file = ts.createSourceFile("types.d.ts", text, ts.ScriptTarget.ES2023);
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true });
  const members = new Map<string, string[]>();
  for (const statement of file.statements) {
    if (ts.isTypeAliasDeclaration(statement)) members.set(statement.name.text, []);
    if (ts.isInterfaceDeclaration(statement)) {
      members.set(
        statement.name.text,
        statement.members.map(({ name }) =>
          name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : "?",
        ),
      );
    }
  }
  return { errors: diagnostics.length, members };
}
