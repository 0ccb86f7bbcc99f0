import { runCli } from "./runCli.ts";

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  out: line => void process.stdout.write(`${line}\n`),
  complain: line => void process.stderr.write(`${line}\n`),
});
