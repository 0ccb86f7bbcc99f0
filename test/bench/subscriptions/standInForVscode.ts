import { registerHooks } from "node:module";

const standIn = new URL("vscodeStandIn.ts", import.meta.url).href;

/** From now on `import "vscode"` gives the stand-in. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "vscode" ? { url: standIn, shortCircuit: true } : next(specifier, context),
});
