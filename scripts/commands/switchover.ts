import { UserError } from "../../lib/errors.ts";
import { PlannedWork } from "../../lib/cluster/planned-work.ts";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import { switchover } from "../../lib/cluster/switchover.ts";
import { waitForInstances } from "../stack/cluster-ready.ts";
import { prepareStack } from "../stack/prepare-stack.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { note } from "../terminal.ts";

/** `./ecosphere switchover [--to NAME] [--wait SECONDS]`: returns the exit code. */
export async function switchoverCommand(
  stack: string,
  options: { readonly to?: string; readonly wait: string },
): Promise<number> {
  if (!/^[1-9]\d{0,2}$/.test(options.wait)) {
    throw new UserError("usage", `--wait received "${options.wait}"`, "Give a number of seconds, 1 to 999.");
  }
  const outputs = await readOutputs(await prepareStack(stack));
  const containers = await StackContainers.of(stack);
  await using planned = await PlannedWork.begin(() => StackContainers.of(stack), "a switchover");
  if (!planned) note("etcd takes no word of this planned work: it has no majority.");
  const done = await switchover(containers, { to: options.to, waitSeconds: Number(options.wait) });
  if (!done) {
    note(`${options.to ?? ""} is the primary already.`);
    return 0;
  }
  const held = done.heldSeconds.toFixed(2);
  note(`${done.to} is the primary now, in place of ${done.from}. New transactions of rw waited ${held} s.`);
  await waitForInstances(outputs, (gap) => {
    note(`Waiting for ${done.from} to follow (${gap}).`);
  });
  note("Every instance is at work.");
  return 0;
}
