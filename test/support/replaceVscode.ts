import { registerHooks } from "node:module";

/** From now on `import "vscode"` gives the module at `standIn`. */
export function replaceVscode(standIn: URL): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "vscode" ? { url: standIn.href, shortCircuit: true } : next(specifier, context),
  });
}
