import { UserError } from "../../lib/errors.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { seedProgress } from "../seed/progress.ts";
import { describeSeedResult } from "../seed/seed-result.ts";
import { seed } from "../seed/seed.ts";
import { stackFolder, type StackFolder } from "../stack/stack-folder.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { canAsk, confirm, note } from "../terminal.ts";

/** `./ecosphere seed`, with the options as they were typed. Returns the exit code. */
export async function seedCommand(
  stack: string,
  options: Readonly<Record<string, string | true>>,
): Promise<number> {
  const { seedJournal: journal } = stackFolder(stack);
  await ensurePulumi();
  const outputs = await readOutputs(stack);
  const reset = options["reset"] === true;
  if (reset && options["yes"] !== true) {
    if (!canAsk())
      throw new UserError("needs-yes", "--reset asks first, and nobody can answer", "Give --yes.");
    if (!(await confirm(`Empty the nine tables of the stack ${stack} and seed them again?`))) {
      note("Nothing was changed.");
      return 1;
    }
  }
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const result = await seed(
    outputs,
    {
      rows: text("rows"),
      seed: text("seed"),
      asOf: text("asOf"),
      append: options["append"] === true,
      reset,
      journal,
    },
    seedProgress(process.stderr),
  );
  process.stdout.write(`${describeSeedResult(result)}\n`);
  return 0;
}

/** The seed that belongs to `up`: with the defaults, and only into a database without rows. */
export async function seedIfEmpty(outputs: StackOutputs, folder: StackFolder): Promise<void> {
  const result = await seed(outputs, { journal: folder.seedJournal }, seedProgress(process.stderr));
  if (result.kind === "left-alone") note("\nThe database has rows already; they stay as they are.\n");
  else process.stdout.write(`${describeSeedResult(result)}\n`);
}
