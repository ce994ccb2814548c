import { UserError } from "../../lib/errors.ts";
import { defaultStack } from "./stack-folder.ts";

/** A command line with the stack taken out of it. */
export interface StackArguments {
  readonly stack: string;
  readonly rest: readonly string[];
}

/**
 * Takes `--stack NAME` or `--stack=NAME` from anywhere before a lone `--`. For `pulumi`, whose own short
 * form would name another stack than the configuration belongs to, `-s NAME` as well.
 * @throws UserError `usage`
 */
export function takeStack(args: readonly string[]): StackArguments {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  const isPulumi = own.find((argument) => !argument.startsWith("-")) === "pulumi";
  const names = isPulumi ? ["--stack", "-s"] : ["--stack"];
  let stack: string | undefined;
  const rest: string[] = [];
  for (let at = 0; at < own.length; at++) {
    const argument = own[at] ?? "";
    const name = names.find((candidate) => argument === candidate || argument.startsWith(`${candidate}=`));
    if (name === undefined) {
      rest.push(argument);
      continue;
    }
    const value = argument === name ? own[++at] : argument.slice(name.length + 1);
    if (value === undefined || value === "") {
      throw new UserError("usage", `${name} needs the name of a stack`, "For instance: --stack dev");
    }
    if (stack !== undefined && stack !== value) {
      throw new UserError("usage", `two stacks are named: "${stack}" and "${value}"`, "Name one.");
    }
    stack = value;
  }
  return { stack: stack ?? defaultStack, rest: end === -1 ? rest : [...rest, ...args.slice(end)] };
}
