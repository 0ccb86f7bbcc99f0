import * as l10n from "@vscode/l10n";
import * as v from "valibot";

/** Which changed fields are worth a notification of an edit: a field, or two of these combined. Nest for more. */
export type Condition = FieldChanged | Combination;

export interface FieldChanged {
  readonly kind: "field";
  /** API name of the field. */
  readonly field: string;
  readonly id?: string;
}

export interface Combination {
  readonly kind: Operator;
  /** A group of Zoho's has two entries, no more and no less. */
  readonly members: readonly [Condition, Condition];
}

/** "or": one of them changed is enough. */
export type Operator = "and" | "or";

/** What a channel asks of the edits of one module. */
export interface ModuleCondition {
  /** API name of the module. */
  readonly module: string;
  readonly moduleId?: string;
  readonly condition: Condition;
}

/** Zoho takes no more fields than these in one condition. */
export const mostFields = 10;

const named = v.object({ api_name: v.string(), id: v.optional(v.nullable(v.string())) });

type Selection =
  | { readonly field: v.InferOutput<typeof named> }
  | { readonly group_operator: Operator; readonly group: readonly [Selection, Selection] };

const selectionSchema: v.GenericSchema<unknown, Selection> = v.union([
  v.object({
    group_operator: v.picklist(["and", "or"]),
    group: v.lazy(() => v.strictTuple([selectionSchema, selectionSchema])),
  }),
  v.object({ field: named }),
]);

const conditionSchema = v.object({
  type: v.literal("field_selection"),
  module: named,
  field_selection: selectionSchema,
});

/** Reads one entry of Zoho's `notification_condition`; undefined for a kind that is not known here. */
export function readCondition(entry: unknown): ModuleCondition | undefined {
  const parsed = v.safeParse(conditionSchema, entry);
  if (!parsed.success) return undefined;
  const { module, field_selection: selection } = parsed.output;
  return {
    module: module.api_name,
    condition: fromSelection(selection),
    ...(typeof module.id === "string" ? { moduleId: module.id } : {}),
  };
}

/** Whether two entries ask for the same. Ids do not count: Zoho adds them to the names that it was sent. */
export function isSameCondition(left: unknown, right: unknown): boolean {
  const [one, other] = [readCondition(left), readCondition(right)];
  if (one === undefined || other === undefined) return JSON.stringify(left) === JSON.stringify(right);
  return one.module === other.module && isSameSelection(one.condition, other.condition);
}

function isSameSelection(left: Condition, right: Condition): boolean {
  if (left.kind === "field" || right.kind === "field") {
    return left.kind === "field" && right.kind === "field" && left.field === right.field;
  }
  const [[first, second], [third, fourth]] = [left.members, right.members];
  return left.kind === right.kind && isSameSelection(first, third) && isSameSelection(second, fourth);
}

/** The module that an entry of `notification_condition` is about, also where the rest of it is not known here. */
export function moduleOfCondition(entry: unknown): string | undefined {
  const parsed = v.safeParse(v.object({ module: named }), entry);
  return parsed.success ? parsed.output.module.api_name : undefined;
}

/** The entry of `notification_condition`, as Zoho takes it. */
export function writeCondition({ module, moduleId, condition }: ModuleCondition): unknown {
  return {
    type: "field_selection",
    module: { api_name: module, ...(moduleId === undefined ? {} : { id: moduleId }) },
    field_selection: toSelection(condition),
  };
}

/** Several as one, in groups of two: the first, and the rest combined. Undefined for none. */
export function combine(operator: Operator, [first, ...rest]: readonly Condition[]): Condition | undefined {
  const others = first === undefined ? undefined : combine(operator, rest);
  return first === undefined || others === undefined ? first : { kind: operator, members: [first, others] };
}

/** The names of its fields, in order, repeated where they are. */
export function fieldsOf(condition: Condition): readonly string[] {
  return condition.kind === "field" ? [condition.field] : condition.members.flatMap(fieldsOf);
}

/** Such as "Stage or (Amount and Probability)". */
export function conditionWords(condition: Condition): string {
  if (condition.kind === "field") return condition.field;
  return operands(condition, condition.kind).map(operandWords).join(` ${condition.kind} `);
}

/** In sentences, why Zoho would not take it. `known` are the fields of the module. */
export function conditionFaults(condition: Condition, known?: readonly string[]): readonly string[] {
  const fields = fieldsOf(condition);
  const faults: string[] = [];
  if (fields.length > mostFields)
    faults.push(l10n.t("Zoho takes at most {0} fields; these are {1}.", mostFields, fields.length));
  for (const field of repeated(fields)) faults.push(l10n.t("{0} is there more than once.", field));
  const strangers = known === undefined ? [] : fields.filter(field => !known.includes(field));
  for (const field of new Set(strangers)) faults.push(l10n.t("The module has no field {0}.", field));
  return faults;
}

/** Members that are combined in the same way are read as one list, whatever their nesting. */
function operands(condition: Condition, operator: Operator): readonly Condition[] {
  return condition.kind === operator ? condition.members.flatMap(member => operands(member, operator)) : [condition];
}

function operandWords(condition: Condition): string {
  return condition.kind === "field" ? condition.field : `(${conditionWords(condition)})`;
}

function repeated(fields: readonly string[]): ReadonlySet<string> {
  return new Set(fields.filter((field, index) => fields.indexOf(field) !== index));
}

function fromSelection(selection: Selection): Condition {
  if ("group" in selection) {
    const [first, second] = selection.group;
    return { kind: selection.group_operator, members: [fromSelection(first), fromSelection(second)] };
  }
  const { api_name: field, id } = selection.field;
  return { kind: "field", field, ...(typeof id === "string" ? { id } : {}) };
}

function toSelection(condition: Condition): unknown {
  if (condition.kind === "field") {
    return { field: { api_name: condition.field, ...(condition.id === undefined ? {} : { id: condition.id }) } };
  }
  return { group_operator: condition.kind, group: condition.members.map(toSelection) };
}
