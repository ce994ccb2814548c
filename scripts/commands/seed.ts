import { parseSettings } from "../../lib/settings.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { UserError } from "../../lib/errors.ts";
import { freeBytesAt, dockerNeeds, requireSpace } from "../../toolchain/disk-space.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { seedProgress } from "../seed/progress.ts";
import { parseSeedOptions, withDefaults, type SeedOptions } from "../seed/seed-options.ts";
import { freshPlan, totalRows } from "../seed/seed-plan.ts";
import { describeSeedResult } from "../seed/seed-result.ts";
import { dryRun, seed, type SeedSurroundings } from "../seed/seed.ts";
import { StackConfig } from "../stack/stack-config.ts";
import { stackFolder } from "../stack/stack-folder.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { canAsk, confirm, note } from "../terminal.ts";

/** With its indexes, on one instance; WAL beside it is bounded. Measured with `--scale 50`. */
const bytesPerRow = 260;
const walBytes = 2 * 1024 ** 3;

/** `./ecosphere seed`, with the options as they were typed. Returns the exit code. */
export async function seedCommand(
  stack: string,
  options: Readonly<Record<string, string | true>>,
): Promise<number> {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const reset = options["reset"] === true;
  const wish: SeedOptions = {
    rows: text("rows"),
    scale: text("scale"),
    seed: text("seed"),
    asOf: text("asOf"),
    append: options["append"] === true,
    reset,
    realistic: isRealistic(stack),
  };
  const progress = seedProgress(process.stderr);
  if (options["dryRun"] === true) {
    process.stdout.write(`${describeSeedResult(await dryRun(wish, progress))}\n`);
    return 0;
  }
  const rows = totalRows(freshPlan(withDefaults(parseSeedOptions(wish))));
  await ensurePulumi();
  const outputs = await readOutputs(stack);
  if (reset && options["yes"] !== true) {
    if (!canAsk())
      throw new UserError("needs-yes", "--reset asks first, and nobody can answer", "Give --yes.");
    if (!(await confirm(`Empty the nine tables of the stack ${stack} and seed them again?`))) {
      note("Nothing was changed.");
      return 1;
    }
  }
  const dataNeeds = await dockerNeeds();
  const perInstance = rows * bytesPerRow + Math.min(walBytes, rows * bytesPerRow);
  // What stands there already is not taken off: it may stay, and the disk is watched all the while.
  requireSpace(dataNeeds.map((need) => ({ ...need, bytes: perInstance * outputs.instances.length })));
  const result = await seed(outputs, wish, { progress, ...diskOf(dataNeeds) });
  process.stdout.write(`${describeSeedResult(result)}\n`);
  return 0;
}

/**
 * The seed that belongs to `up`: with the defaults, and only into a database without rows. Returns whether the rows
 * are those of this seed.
 */
export async function seedIfEmpty(stack: string, outputs: StackOutputs): Promise<boolean> {
  const surroundings = { progress: seedProgress(process.stderr), ...diskOf(await dockerNeeds()) };
  const result = await seed(outputs, { realistic: isRealistic(stack) }, surroundings);
  if (result.kind === "left-alone") note("\nThe database has rows already; they stay as they are.\n");
  else process.stdout.write(`${describeSeedResult(result)}\n`);
  return result.kind === "seeded";
}

function isRealistic(stack: string): boolean {
  return parseSettings(StackConfig.peek(stackFolder(stack)).values(), stack).isRealistic;
}

function diskOf(needs: Awaited<ReturnType<typeof dockerNeeds>>): Pick<SeedSurroundings, "freeBytes"> {
  const [data] = needs;
  return data ? { freeBytes: () => freeBytesAt(data.path) } : {};
}
