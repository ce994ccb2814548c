import { describeConnection, withClient, type Connection } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import { commitWrite, readClusterState } from "./cluster-probe.ts";

export interface ClusterGoal {
  readonly connection: Connection;
  /** How many replicas must be streaming. */
  readonly replicas: number;
  /** Names of the instances, for messages. */
  readonly members: readonly string[];
}

/** A try that takes longer is given up: a paused server takes connections and answers nothing. */
const tryMs = 10_000;
/** The last try may overrun by as much: cut shorter, it would hide what the tries before have seen. */
const lastTryMs = 2000;

/**
 * Waits for a primary that commits a write and has the wanted replicas streaming.
 * @throws UserError `timeout` with what was last seen; at once, with the signal's reason, when it aborts
 */
export async function waitForCluster(
  goal: ClusterGoal,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  const end = Date.now() + withinMs;
  await eventually({ what: "the cluster", withinMs, everyMs: 200, signal }, async (observe) => {
    const limitMs = Math.min(tryMs, Math.max(end - Date.now(), lastTryMs));
    return tryOnce(goal, limitMs, signal, observe);
  });
}

async function tryOnce(
  goal: ClusterGoal,
  limitMs: number,
  signal: AbortSignal,
  observe: (state: string) => void,
): Promise<true | undefined> {
  const where = describeConnection(goal.connection);
  let step = `${where} does not answer`;
  const work = withClient(goal.connection, "ecosphere-gate", async (client) => {
    const state = await readClusterState(client);
    if (state.isInRecovery) {
      observe(`the server behind ${where} is in recovery: a replica, or a primary that is not ready`);
      return undefined;
    }
    if (state.streaming.length < goal.replicas) {
      observe(describeReplicas(goal, state.streaming, state.hidden));
      return undefined;
    }
    step = `a write at ${where} is not committed: no synchronous replica confirms it`;
    await commitWrite(client);
    return true as const;
  });
  try {
    return await limited(work, limitMs, signal, () => step);
  } catch (error) {
    signal.throwIfAborted();
    const message = messageOf(error);
    observe(message.includes(where) ? message : `${where}: ${message}`);
    return undefined;
  }
}

function describeReplicas(goal: ClusterGoal, streaming: readonly string[], hidden: number): string {
  const names = streaming.length > 0 ? ` (${streaming.join(", ")})` : "";
  const members = goal.members.length > 0 ? `; the instances are ${goal.members.join(", ")}` : "";
  const unseen =
    hidden > 0
      ? `; ${hidden} more are connected, but ${goal.connection.user} lacks pg_monitor to see their state`
      : "";
  return `${streaming.length} of ${goal.replicas} replicas streaming${names}${members}${unseen}`;
}

/** `work`, unless the time is over or the signal aborts before; `work` itself then goes on unheard. */
function limited<T>(
  work: Promise<T>,
  limitMs: number,
  signal: AbortSignal,
  describeLate: () => string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    const onAbort = (): void => {
      settle(() => {
        reject(new Error("cancelled"));
      });
    };
    const timer = setTimeout(() => {
      settle(() => {
        reject(new Error(`${describeLate()} (waited ${Math.round(limitMs / 1000)} s)`));
      });
    }, limitMs);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(
      (value) => {
        settle(() => {
          resolve(value);
        });
      },
      (error: unknown) => {
        settle(() => {
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        });
      },
    );
  });
}
