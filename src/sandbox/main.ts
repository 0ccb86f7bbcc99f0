import { runSandbox } from "./process/runSandbox.ts";

process.exitCode = await runSandbox(process.argv.slice(2));
