import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A string for people, as VS Code's bundles of translations have it: its key is its English text and its comment. */
export interface LocalisedString {
  readonly key: string;
  readonly message: string;
  readonly comment: readonly string[];
}

/** A call whose text is not written out where it stands: nobody can translate what is put together at run time. */
export class NotExtractableError extends Error {
  override readonly name = "NotExtractableError";
}

/** The strings of all product sources under `root`, in the order of their keys. Throws {@link NotExtractableError}. */
export function extractStrings(root: string): LocalisedString[] {
  const found = new Map<string, LocalisedString>();
  for (const file of globSync("src/**/*.ts", { cwd: root }).sort()) {
    for (const string of stringsOf(file, readFileSync(join(root, file), "utf8"))) found.set(string.key, string);
  }
  return [...found.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** The strings of one source: the first argument of each `l10n.t(…)`, `vscode.l10n.t(…)`, or what stands for these. */
export function stringsOf(file: string, text: string): LocalisedString[] {
  if (!text.includes("l10n.t")) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: LocalisedString[] = [];
  const shortNames = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && isLocalising(node.initializer)) shortNames.add(node.name.getText());
    if (ts.isCallExpression(node) && (isLocalising(node.expression) || shortNames.has(node.expression.getText()))) {
      found.push(toString(node, source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether this is `l10n.t` or `vscode.l10n.t`. */
export function isLocalising(node: ts.Expression | undefined): boolean {
  if (node === undefined || !ts.isPropertyAccessExpression(node) || node.name.text !== "t") return false;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return expression.text === "l10n";
  return ts.isPropertyAccessExpression(expression) && expression.name.text === "l10n";
}

function toString(call: ts.CallExpression, source: ts.SourceFile): LocalisedString {
  const [first] = call.arguments;
  const message = literal(first) ?? literal(propertyOf(first, "message"));
  if (message === undefined)
    throw new NotExtractableError(`The text of a string has to be a literal: ${where(call, source)}`);
  const comment = commentsOf(propertyOf(first, "comment"));
  return { key: comment.length === 0 ? message : `${message}/${comment.join("")}`, message, comment };
}

function propertyOf(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  const property = node.properties.find(
    ({ name: own }) => own !== undefined && ts.isIdentifier(own) && own.text === name,
  );
  return property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : undefined;
}

function commentsOf(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(literal).filter(text => text !== undefined);
  return [literal(node)].filter(text => text !== undefined);
}

/** The text of a literal, also of one that is written as a sum of literals to keep its lines short. */
function literal(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [literal(node.left), literal(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function where(node: ts.Node, source: ts.SourceFile): string {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
