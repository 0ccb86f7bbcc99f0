import ts from "typescript";
import { isLocalising } from "./extractStrings.ts";

/** A sentence that stands in a source and does not go through `l10n.t`. */
export interface RawSentence {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** Begins like a sentence and not like SQL, has words, and ends like one. */
const sentence = /^(?!(?:SELECT|INSERT|UPDATE|DELETE) )[A-Z“][^\n]*\p{Ll}[^\n]* [^\n]*[.?!…]$/u;

/** The sentences of a source that nobody can translate. What is thrown, logged or asked of a database is not for people. */
export function rawSentencesOf(file: string, text: string): RawSentence[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const shortNames = new Set<string>();
  const found: RawSentence[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && isLocalising(node.initializer)) shortNames.add(node.name.getText());
    if (isForPeople(node, shortNames)) {
      const words = textOf(node);
      if (words !== undefined && sentence.test(words)) found.push({ line: lineOf(node, source), text: words });
      else ts.forEachChild(node, visit);
    }
  };
  visit(source);
  return found;
}

function isForPeople(node: ts.Node, shortNames: ReadonlySet<string>): boolean {
  if (ts.isNewExpression(node)) return !/^(?!Problem)\w*Error$/.test(node.expression.getText());
  if (!ts.isCallExpression(node)) return !ts.isImportDeclaration(node) && !ts.isTypeNode(node);
  const callee = node.expression;
  if (isLocalising(callee) || shortNames.has(callee.getText())) return false;
  return !/(?:logger|log)\??\.\w+$|\.(?:exec|prepare)$|#(?:number|prepare|warn)$|^v\.\w+$/.test(callee.getText());
}

/** The text of a literal, a template or a sum of these, with `{}` for what is filled in. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join("");
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function lineOf(node: ts.Node, source: ts.SourceFile): number {
  return source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
}
