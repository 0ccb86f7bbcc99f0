import { replaceVscode } from "../replaceVscode.ts";

replaceVscode(new URL("standIn.ts", import.meta.url));
