import * as v from "valibot";
import { readAddress } from "../../forwarding/forwardTarget.ts";

/** What a debug session wants to have sent to what it debugs. */
export interface ForwardRequest {
  readonly url: string;
  /** API names; none: events of every module, and requests that are no notification. */
  readonly modules: readonly string[];
}

/** The property of a launch configuration that says so; any type of debugger can have it. */
export const forwardProperty = "zohoCrmForward";

const portSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const addressSchema = v.pipe(
  v.string(),
  v.check(text => readAddress(text).ok),
);
const placeSchema = v.union([portSchema, addressSchema]);
const requestSchema = v.union([
  v.pipe(
    placeSchema,
    v.transform(to => ({ to, modules: [] })),
  ),
  v.object({ to: placeSchema, modules: v.optional(v.array(v.string()), []) }),
]);

/** Reads a port, an address, or `{ to, modules }`; undefined for what is none of these. */
export function readForwardRequest(value: unknown): ForwardRequest | undefined {
  const parsed = v.safeParse(requestSchema, value);
  if (!parsed.success) return undefined;
  const { to, modules } = parsed.output;
  return { url: typeof to === "number" ? `http://127.0.0.1:${to}/` : to, modules };
}
