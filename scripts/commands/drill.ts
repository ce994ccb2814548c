import { randomInt } from "node:crypto";
import { UserError } from "../../lib/errors.ts";
import { parseSettings } from "../../lib/settings.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { drill } from "../drill/drill.ts";
import { planDrill, type DrillArguments } from "../drill/drill-options.ts";
import { faults, impossibleFaults } from "../drill/faults/faults.ts";
import { renderReport } from "../drill/print-drill.ts";
import { prepareStack, type PreparedStack } from "../stack/prepare-stack.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { canAsk, confirm, note } from "../terminal.ts";

/** `./ecosphere drill [FAULT…]`. Exit code 1 when something is wrong with the cluster. */
export async function drillCommand(
  stack: string,
  names: readonly string[],
  args: DrillArguments,
): Promise<number> {
  if (args.list) {
    process.stdout.write(listFaults());
    return 0;
  }
  const plan = planDrill(names, args, () => randomInt(1_000_000));
  await ensurePulumi();
  const prepared = await prepareStack(stack);
  const outputs = await readOutputs(prepared);
  if (!(await isAllowed(prepared, args.yes === true))) return 1;
  const interrupt = new AbortController();
  // Another handler would end the process at once, and leave behind what is broken.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (interrupt.signal.aborted) return;
      note("\nEnding: what was broken is mended first.");
      interrupt.abort(new UserError("interrupted", "interrupted"));
    });
  }
  const report = await drill(plan, { stack, outputs, signal: interrupt.signal, tell: note });
  process.stdout.write(`${args.json ? JSON.stringify(report, null, 2) : renderReport(report)}\n`);
  if (interrupt.signal.aborted) return 130;
  return report.isPassed ? 0 : 1;
}

/** Each fault, what it does, and what a sound cluster makes of it. */
export function listFaults(): string {
  const lines = faults.flatMap(({ name, title, expected, isByHand }) => [
    `${name}${isByHand ? " (by hand only)" : ""}`,
    `    ${title}`,
    `    expected: ${expected}`,
  ]);
  const impossible = impossibleFaults.map(({ name, why }) => `${name}: cannot be made here. ${why}`);
  return `${[...lines, "", ...impossible].join("\n")}\n`;
}

/** @throws UserError `protected`, `needs-yes` */
async function isAllowed({ config, folder: { stack } }: PreparedStack, isYes: boolean): Promise<boolean> {
  if (isYes) return true;
  if (parseSettings(config.values(), stack).isProtected) {
    throw new UserError(
      "protected",
      `the stack ${stack} is protected, and a drill breaks its containers one after the other`,
      "Its rows are left alone. If its users can bear it: give --yes.",
    );
  }
  if (!canAsk()) throw new UserError("needs-yes", "drill asks first, and nobody can answer", "Give --yes.");
  const isWanted = await confirm(`Break containers of the stack ${stack} one after the other?`);
  if (!isWanted) note("Nothing was changed.");
  return isWanted;
}
