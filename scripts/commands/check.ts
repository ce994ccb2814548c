import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { checksAsJson, printChecks } from "../check/print-checks.ts";
import { runChecks } from "../check/run-checks.ts";
import { readOutputs } from "../stack/stack-state.ts";

/** `./ecosphere check`. Exit code 1 when a check fails. */
export async function checkCommand(
  stack: string,
  { isLive, json }: { readonly isLive: boolean; readonly json: boolean },
): Promise<number> {
  await ensurePulumi();
  const outputs = await readOutputs(stack);
  if (!json) return (await checkAndPrint(outputs, { isLive })) ? 0 : 1;
  const report = await runChecks(outputs, { isLive });
  process.stdout.write(`${checksAsJson(report)}\n`);
  return report.passed ? 0 : 1;
}

/** Runs every check and prints the results. Returns whether all passed. */
export async function checkAndPrint(
  outputs: StackOutputs,
  { isLive }: { readonly isLive: boolean },
): Promise<boolean> {
  const report = await runChecks(outputs, { isLive });
  const { stdout } = process;
  const terminal = stdout.isTTY ? { width: stdout.columns, color: stdout.hasColors() } : {};
  printChecks(report, (text) => stdout.write(text), terminal);
  return report.passed;
}
