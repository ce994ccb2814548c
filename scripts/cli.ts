import { messageOf } from "../lib/errors.ts";
import { UserError } from "../lib/errors.ts";
import { takeStack } from "./stack/arguments.ts";

const { stack, rest } = takeStack(process.argv.slice(2));
const [command, ...args] = rest;
try {
  if (command === "pulumi")
    process.exitCode = await (await import("./commands/pulumi.ts")).pulumiCommand(stack, args);
  else if (command === "env") process.exitCode = await (await import("./commands/env.ts")).envCommand(stack);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n${error instanceof UserError ? (error.hint ?? "") : ""}\n`);
  process.exitCode = 1;
}
