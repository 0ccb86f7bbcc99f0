/** `npm test`: every ring of tests, and the format, type and lint checks. */
import { testCommand } from "./testCommand.ts";

process.exitCode = await testCommand(process.argv.slice(2));
