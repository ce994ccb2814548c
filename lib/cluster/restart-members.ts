import { UserError } from "../errors.ts";
import { eventually } from "../poll.ts";
import { viewParts } from "./cluster-view.ts";
import { StackContainers } from "./stack-containers.ts";

/** Longer than any start of a member; without it the next one must stay. */
const withinMs = 60_000;

/**
 * Restarts etcd's members one after the other: each is healthy again before the next one goes, so that two of three
 * are always there. @throws UserError `etcd` before one that is not well is left alone
 */
export async function restartMembers(stack: string): Promise<void> {
  const members = (await StackContainers.of(stack)).parts("etcd");
  await untilHealthy(stack, members);
  for (const member of members) {
    await (await StackContainers.of(stack)).restart(member, 2);
    await untilHealthy(stack, members);
  }
}

async function untilHealthy(stack: string, members: readonly string[]): Promise<void> {
  await eventually({ what: "etcd's members", withinMs, everyMs: 250 }, async (observe) => {
    const { unwell } = await viewParts(await StackContainers.of(stack), "etcd", members);
    observe([...unwell].map(([member, reason]) => `${member}: ${reason}`).join(", "));
    return unwell.size === 0 ? true : undefined;
  }).catch((error: unknown) => {
    throw new UserError(
      "etcd",
      `not every member of etcd is well: ${String(error)}`,
      "./ecosphere logs etcd shows why; run the same command again once it is mended.",
    );
  });
}
