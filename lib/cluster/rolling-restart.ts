import { eventually } from "../poll.ts";
import { viewInstances } from "./cluster-view.ts";
import { PatroniClient, type InstanceState } from "./patroni-client.ts";
import { PlannedWork } from "./planned-work.ts";
import { HeldTransactions } from "./pooler.ts";
import { StackContainers } from "./stack-containers.ts";
import type { WorkLimits } from "./work-limits.ts";
import { checkpoint, heldAtMostSeconds, switchover } from "./switchover.ts";

const waitSeconds = 10;

type States = ReadonlyMap<string, InstanceState | undefined>;

/**
 * Restarts PostgreSQL where a changed parameter asks for it: the replicas one by one, each streaming again before
 * the next, then the primary after it has handed over. A parameter that was lowered has to be restarted on the
 * primary first: then that is restarted in place, while transactions wait.
 */
export async function restartPending(stack: string, limits: WorkLimits): Promise<void> {
  if (pendingOf(await statesOf(stack)).length === 0) return;
  const list = (): Promise<StackContainers> => StackContainers.of(stack);
  const planned = await PlannedWork.begin(list, "instances restart one by one, for changed parameters");
  try {
    for (;;) {
      const { primary, replicas } = await awaitWhole(stack, limits);
      const [replica] = replicas;
      if (replica !== undefined) {
        await restart(stack, "ro", replica, limits);
        const isDone = !pendingOf(await statesOf(stack)).includes(replica);
        if (isDone) continue;
      }
      if (primary === undefined) return;
      if (replica === undefined) {
        const done = await switchover(await list(), { waitSeconds });
        if (done) limits.info(`${done.to} is the primary now, in place of ${done.from}`);
        const { replicas: still } = await awaitWhole(stack, limits);
        if (!still.includes(primary)) continue;
      }
      await restart(stack, "rw", primary, limits);
    }
  } finally {
    await planned?.end();
  }
}

/** Those that wait for a restart, once every instance is at work. */
async function awaitWhole(
  stack: string,
  limits: WorkLimits,
): Promise<{ readonly primary: string | undefined; readonly replicas: readonly string[] }> {
  return eventually({ ...limits, what: "all instances to be at work", everyMs: 200 }, async (observe) => {
    const states = await statesOf(stack);
    const { primary, unwell } = viewInstances(states, [...states.keys()]);
    observe([...unwell].map(([part, reason]) => `${part}: ${reason}`).join("; "));
    if (unwell.size > 0 || primary === undefined) return undefined;
    const pending = pendingOf(states);
    return {
      primary: pending.includes(primary) ? primary : undefined,
      replicas: pending.filter((name) => name !== primary),
    };
  });
}

/** With the transactions of an endpoint held back until the instance is at work again. */
async function restart(
  stack: string,
  endpoint: "rw" | "ro",
  instance: string,
  limits: WorkLimits,
): Promise<void> {
  const containers = await StackContainers.of(stack);
  if (endpoint === "rw") await checkpoint(containers, instance);
  const hold = { waitSeconds, atMostSeconds: waitSeconds + heldAtMostSeconds };
  await using held = await HeldTransactions.prepare(containers, endpoint, hold);
  await held.pause();
  limits.info(`PostgreSQL of ${instance} restarts`);
  if (endpoint === "ro") await held.route("replicas", instance, "down");
  await new PatroniClient(containers).restart(instance);
}

async function statesOf(stack: string): Promise<States> {
  return new PatroniClient(await StackContainers.of(stack)).states();
}

function pendingOf(states: States): readonly string[] {
  return [...states].filter(([, state]) => state?.pending_restart === true).map(([name]) => name);
}
