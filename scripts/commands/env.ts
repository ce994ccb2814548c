import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { renderExports } from "../stack/environment.ts";
import { prepareStack } from "../stack/prepare-stack.ts";
import { initStack } from "../stack/run-pulumi.ts";

/** `./ecosphere env`: the variables for a shell in which the user types `pulumi`. */
export async function envCommand(stack: string): Promise<number> {
  await ensurePulumi();
  const prepared = await prepareStack(stack);
  await initStack(prepared);
  process.stdout.write(renderExports(prepared.variables));
  return 0;
}
