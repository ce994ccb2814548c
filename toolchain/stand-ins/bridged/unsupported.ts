import { UserError } from "../../../lib/errors.ts";

/** The answer to a type that a stand-in does not have: which official plugin has it, and how to get that. */
export function unsupported(
  packageName: string,
  version: string,
  tokens: Iterable<string>,
): (token: string) => UserError {
  return (token) =>
    new UserError(
      "unsupported-type",
      `${token} is not in the built-in stand-in for the ${packageName} plugin, which has ${[...tokens].join(", ")}`,
      `install the official plugin: pulumi plugin install resource ${packageName} ${version}`,
    );
}
