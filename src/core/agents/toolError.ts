/** A failure that a model is to read: one sentence that says what it can do. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
