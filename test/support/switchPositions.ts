import type * as v from "valibot";

/** One switch of the sandbox in one of its positions. */
export interface SwitchPosition {
  readonly name: string;
  readonly value: unknown;
}

type Wrapped = v.GenericSchema & { readonly options?: readonly unknown[] };
type Switches = Readonly<Record<string, v.OptionalSchema<Wrapped, unknown>>>;

/**
 * Every position of every switch. One that takes any number or text has no list of positions: `samples` says which to
 * try, and a switch that is in neither is a fault of the test.
 */
export function switchPositions(
  switches: Switches,
  samples: Readonly<Record<string, readonly unknown[]>> = {},
): readonly SwitchPosition[] {
  return Object.entries(switches).flatMap(([name, { wrapped }]) => {
    const values = samples[name] ?? (wrapped.type === "boolean" ? [false, true] : wrapped.options);
    if (values === undefined) throw new Error(`Nobody said which positions of ${name} to try.`);
    return values.map(value => ({ name, value }));
  });
}
