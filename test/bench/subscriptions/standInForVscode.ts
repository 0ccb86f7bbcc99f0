import { replaceVscode } from "../../support/replaceVscode.ts";

replaceVscode(new URL("vscodeStandIn.ts", import.meta.url));
