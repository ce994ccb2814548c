import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { note } from "../terminal.ts";

/** `./ecosphere check`. Exit code 1 when a check fails. */
export async function checkCommand(stack: string, json: boolean): Promise<number> {
  await ensurePulumi();
  return (await runChecks(await readOutputs(stack), json)) ? 0 : 1;
}

/** Runs every check and prints the results. Returns whether all passed. */
export async function runChecks(outputs: StackOutputs, json: boolean): Promise<boolean> {
  if (!json) note(`There are no checks of ${outputs.rw.database} yet.`);
  return true;
}
