import { resolve } from "node:path";
import { projectRoot } from "../../lib/paths.ts";
import { connectionTo } from "../../lib/stack-outputs.ts";
import { adopt } from "../../provider/pgddl/adopt/adopt.ts";
import { prepareStack } from "../stack/prepare-stack.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { note } from "../terminal.ts";

/** `./ecosphere adopt`: the TypeScript for what the stack's database has. Returns the exit code. */
export async function adoptCommand(
  stack: string,
  options: { readonly schema: readonly string[]; readonly out?: string },
): Promise<number> {
  const outputs = await readOutputs(await prepareStack(stack));
  // A file that the user names is where the command was typed.
  const folder = process.env["ECOSPHERE_CWD"] ?? projectRoot;
  const out = options.out === undefined ? undefined : resolve(folder, options.out);
  await adopt(connectionTo(outputs, "admin", "admin"), { schemas: options.schema, out }, note);
  return 0;
}
