const known: ReadonlyMap<string, "create" | "edit" | "delete"> = new Map([
  ["insert", "create"],
  ["create", "create"],
  ["update", "edit"],
  ["edit", "edit"],
  ["delete", "delete"],
]);

/**
 * What happened to a record, in the words of subscribing: create, edit or delete for the five words of Zoho's, in any case,
 * since deliveries say insert and update. Any other word as it came.
 */
export function operationWord(word: string): string {
  return known.get(word.trim().toLowerCase()) ?? word;
}
