import ts from "typescript";
import { isLocalising } from "../../workbench/l10n/extractStrings.ts";
import type { Mutation, MutationKind } from "./mutation.ts";

/** A replacement of one node. */
interface Change {
  readonly kind: MutationKind;
  readonly node: ts.Node;
  readonly after: string;
}

const otherComparison = new Map([
  ["<", "<="],
  ["<=", "<"],
  [">", ">="],
  [">=", ">"],
  ["===", "!=="],
  ["!==", "==="],
]);
const otherLogic = new Map([
  ["&&", "||"],
  ["||", "&&"],
]);
const otherArithmetic = new Map([
  ["+", "-"],
  ["-", "+"],
  ["*", "/"],
  ["/", "*"],
  ["+=", "-="],
  ["-=", "+="],
]);

/**
 * All faults that can be put into a source. Not into types, imports and names of members, which the compiler holds, nor
 * into sentences for people, which the tests of the translations hold.
 */
export function mutationsOf(file: string, text: string): Mutation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutation[] = [];
  const visit = (node: ts.Node): void => {
    if (isLeftAlone(node)) return;
    found.push(...changesOf(node).map(change => toMutation(change, source)));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function toMutation({ kind, node, after }: Change, source: ts.SourceFile): Mutation {
  const [start, end] = [node.getStart(source), node.end];
  const line = source.getLineAndCharacterOfPosition(start).line + 1;
  return { kind, file: source.fileName, line, start, end, before: source.text.slice(start, end), after };
}

function isLeftAlone(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) return true;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  return ts.isCallExpression(node) && isLocalising(node.expression);
}

function changesOf(node: ts.Node): Change[] {
  return [
    ...conditionChanges(node),
    ...binaryChanges(node),
    ...literalChanges(node),
    ...statementChanges(node),
    ...resultChanges(node),
  ];
}

function conditionChanges(node: ts.Node): Change[] {
  const condition = conditionOf(node);
  if (condition === undefined) return [];
  return [{ kind: "condition negated", node: condition, after: `!(${condition.getText()})` }];
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isConditionalExpression(node)) return node.condition;
  return ts.isIfStatement(node) || ts.isWhileStatement(node) ? node.expression : undefined;
}

function binaryChanges(node: ts.Node): Change[] {
  if (!ts.isBinaryExpression(node)) return [];
  const operator = node.operatorToken.getText();
  if (operator === "??") return [{ kind: "fallback only", node, after: `(${node.right.getText()})` }];
  const swaps = [
    ["comparison swapped", otherComparison.get(operator)],
    ["and/or swapped", otherLogic.get(operator)],
    ["arithmetic swapped", joinsText(node) ? undefined : otherArithmetic.get(operator)],
  ] as const;
  return swaps.flatMap(([kind, other]) => {
    const after = other === undefined ? undefined : swapped(node, other);
    return after === undefined ? [] : [{ kind, node, after }];
  });
}

/** In brackets, so that the operators around it bind as before. */
function swapped({ left, right, operatorToken }: ts.BinaryExpression, operator: string): string {
  const operands = [left, right].map(operand =>
    ts.isBinaryExpression(operand) ? `(${operand.getText()})` : operand.getText(),
  );
  const swap = `${operands[0]} ${operator} ${operands[1]}`;
  return operatorToken.kind >= ts.SyntaxKind.FirstAssignment && operatorToken.kind <= ts.SyntaxKind.LastAssignment
    ? swap
    : `(${swap})`;
}

/** A minus between texts is NaN, which is no fault that anybody makes. */
function joinsText({ left, right }: ts.BinaryExpression): boolean {
  return [left, right].some(
    operand =>
      ts.isStringLiteralLike(operand) ||
      ts.isTemplateExpression(operand) ||
      (ts.isBinaryExpression(operand) && joinsText(operand)),
  );
}

function literalChanges(node: ts.Node): Change[] {
  if (ts.isNumericLiteral(node)) return [{ kind: "number off by one", node, after: `${Number(node.text) + 1}` }];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ kind: "boolean flipped", node, after: "false" }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ kind: "boolean flipped", node, after: "true" }];
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 0 && !isTarget(node)) {
    return [{ kind: "array emptied", node, after: "[]" }];
  }
  return isText(node) ? [{ kind: "string emptied", node, after: '""' }] : [];
}

/** `[a, b] = …` takes apart; it makes no array. */
function isTarget({ parent }: ts.Node): boolean {
  return ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

function isText(node: ts.Node): boolean {
  if (ts.isTemplateExpression(node)) return !ts.isTaggedTemplateExpression(node.parent);
  if (!ts.isStringLiteralLike(node) || node.text === "" || ts.isTaggedTemplateExpression(node.parent)) return false;
  return !(ts.isPropertyAssignment(node.parent) && node.parent.name === node) && !isImported(node);
}

function isImported({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
}

function statementChanges(node: ts.Node): Change[] {
  if (!isRemovable(node)) return [];
  return [{ kind: "statement removed", node, after: ts.isBlock(node.parent) ? ";" : "{}" }];
}

/** What does something or leaves; a declaration that is gone is a name that is not found. */
function isRemovable(node: ts.Node): boolean {
  if (ts.isExpressionStatement(node)) return !isSuperCall(node.expression);
  if (ts.isReturnStatement(node)) return node.expression === undefined;
  return ts.isThrowStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node);
}

function isSuperCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

function resultChanges(node: ts.Node): Change[] {
  const result = resultOf(node);
  const changes: Change[] = [];
  if (result !== undefined && !isUndefined(result)) {
    changes.push({ kind: "undefined returned", node: result, after: "undefined" });
  }
  if (ts.isAwaitExpression(node)) {
    changes.push({ kind: "await dropped", node, after: `(${node.expression.getText()})` });
  }
  return changes;
}

function resultOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isReturnStatement(node)) return node.expression;
  return ts.isArrowFunction(node) && !ts.isBlock(node.body) ? node.body : undefined;
}

function isUndefined(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && node.text === "undefined";
}
