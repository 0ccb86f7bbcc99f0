/** A window that holds a tool on a leash: `node leashHolder.ts <leash>`; tells its parent the tool's process id. */
import { startOnLeash } from "../../../src/core/address/leashedProcess.ts";

startOnLeash({
  leash: process.argv[2] ?? "",
  program: process.execPath,
  args: ["-e", "console.log(process.pid); setInterval(() => {}, 1000)"],
  onLine: line => process.send?.({ pid: Number(line) }),
  onExit: () => process.exit(1),
});
