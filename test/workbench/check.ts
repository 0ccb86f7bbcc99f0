/** `npm run check`: the tests without the editor ring. */
import { quickRings, testCommand } from "./testCommand.ts";

process.exitCode = await testCommand(process.argv.slice(2), quickRings);
