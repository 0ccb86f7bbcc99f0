import type { TestContext } from "node:test";
import { type Sandbox, type SandboxOptions, createSandbox } from "../../src/sandbox/sandbox.ts";

/** Whatever can end something after a test or a suite. */
type AfterHook = Pick<TestContext, "after"> | { after(action: () => Promise<void>): void };

/** A sandbox in this process that ends with the test. */
export async function startSandbox(test: AfterHook, options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  test.after(async () => sandbox.close());
  return sandbox;
}
