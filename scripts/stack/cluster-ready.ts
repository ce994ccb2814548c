import { withClient } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { readClusterState, type ClusterState } from "../../provider/ecosphere/cluster-probe.ts";

/** A failover takes half of it; a replica that is set up anew, a little more. */
const defaultWithinMs = 60_000;

type Place = Parameters<typeof connectionTo>[1];

/**
 * Waits until rw and admin lead to the primary, ro to a replica, and all instances but the primary stream
 * from it. A deployment that took the primary away ends before another has its place. Costs one look when
 * it is so already.
 * @param tell called once, with what is not as it should be, when there is something to wait for
 * @throws UserError `timeout` with what was last seen
 */
export async function waitForInstances(
  stack: StackOutputs,
  tell: (gap: string) => void,
  withinMs = defaultWithinMs,
): Promise<void> {
  let isTold = false;
  await eventually({ what: "all instances to be at work", withinMs, everyMs: 250 }, async (observe) => {
    const gap = await findGap(stack).catch(messageOf);
    if (gap === undefined) return true;
    observe(gap);
    if (!isTold) tell(gap);
    isTold = true;
    return undefined;
  });
}

/** What is not as it should be. @throws Error when one does not answer */
async function findGap(stack: StackOutputs): Promise<string | undefined> {
  const [rw, admin, ro] = await Promise.all([ask(stack, "rw"), ask(stack, "admin"), ask(stack, "ro")]);
  if (rw.isInRecovery) return "rw leads to a replica";
  if (admin.isInRecovery) return "admin leads to a replica";
  const silent = stack.instances.map(({ name }) => name).filter((name) => !rw.streaming.includes(name));
  const [primary, ...more] = silent;
  // It may be one that is about to go, and streams to all that stay.
  if (primary === undefined) return "the primary is none of the stack's instances";
  if (more.length > 0) {
    const streaming = rw.streaming.length > 0 ? rw.streaming.join(", ") : "nobody";
    return `the primary is one of ${silent.join(", ")}, and streams to ${streaming}`;
  }
  if ((await ask(stack, { instance: primary })).isInRecovery) return `${primary} does not stream`;
  if (stack.instances.length > 1 && !ro.isInRecovery) return "ro leads to the primary";
  return undefined;
}

async function ask(stack: StackOutputs, where: Place): Promise<ClusterState> {
  try {
    return await withClient(connectionTo(stack, where, "monitoring"), "ecosphere-up", readClusterState);
  } catch (error) {
    const place = typeof where === "string" ? where : where.instance;
    throw new Error(`${place} does not answer: ${messageOf(error)}`, { cause: error });
  }
}
