import { type JsonNode, JsonSource } from "../../base/jsonSource.ts";

/** A number of so few characters is not rounded by a double. */
const exactDigits = 15;

/** Whether two JSON texts stand for the same value. What points to another record is the same where its id is. */
export function isSameValue(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [JsonSource.parse(one), JsonSource.parse(other)];
  if (!a.ok || !b.ok) return false;
  const [idOfA, idOfB] = [idOf(a.value), idOf(b.value)];
  return idOfA !== undefined && idOfB !== undefined ? idOfA === idOfB : isEqual(a.value, b.value);
}

function idOf(source: JsonSource): string | undefined {
  const id = source.member(source.root, "id");
  return id === undefined ? undefined : source.textOf(id);
}

/** Value by value in the order of the text, so that no depth of nesting matters. */
function isEqual(a: JsonSource, b: JsonSource): boolean {
  if (a.size !== b.size) return false;
  for (let node = 0; node < a.size; node++) if (!isSameNode(a, b, node)) return false;
  return true;
}

function isSameNode(a: JsonSource, b: JsonSource, node: JsonNode): boolean {
  const kind = a.kindOf(node);
  if (kind !== b.kindOf(node) || a.keyOf(node) !== b.keyOf(node)) return false;
  if (kind === "object" || kind === "array") return a.countOf(node) === b.countOf(node);
  const [one, other] = [a.textOf(node), b.textOf(node)];
  if (one === other) return true;
  const isExact = one.length <= exactDigits && other.length <= exactDigits;
  return kind === "number" && isExact && Number(one) === Number(other);
}
