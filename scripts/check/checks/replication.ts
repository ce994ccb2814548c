import type { Client } from "pg";
import { eventually } from "../../../lib/poll.ts";
import { messageOf } from "../../../lib/errors.ts";
import { reachable, type CheckContext } from "../check-context.ts";
import type { Check } from "../check.ts";

const settleWithinMs = 5000;
/** One WAL segment. A replica that is further behind would lose that much in a failover. */
const maxLagBytes = 16 * 1024 * 1024;

interface Sender {
  readonly name: string;
  readonly state: string;
  readonly sync: string;
  readonly lag_bytes: string | null;
  /** Null while nothing is written: then there is nothing to be late with. */
  readonly lag_ms: string | null;
}

const sendersSql = `
  SELECT application_name AS name, state, sync_state AS sync,
    pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::text AS lag_bytes,
    round(extract(epoch FROM replay_lag) * 1000)::text AS lag_ms
  FROM pg_stat_replication`;

export const replication: Check = {
  name: "replication",
  title: "Every replica streams from the primary and replays",
  endpoint: "instances",
  run: async (context) => {
    const topology = await context.topology();
    const { replicas, faults } = reachable(topology);
    const details: string[] = [];
    await Promise.all(
      replicas.map(async (replica) => {
        try {
          details.push(await streaming(context, topology.primary, replica));
        } catch (error) {
          faults.push(messageOf(error));
        }
      }),
    );
    const count = replicas.length === 0 ? ", no replica" : "";
    return { faults, detail: [`primary ${topology.primary}${count}`, ...details.sort()].join("; ") };
  },
};

/** A replica may just be reconnecting, so it is given a moment. */
function streaming(context: CheckContext, primary: string, replica: string): Promise<string> {
  const what = `${replica} to stream and replay`;
  return eventually({ what, withinMs: settleWithinMs }, async (observe) => {
    const paused = await context.transaction({ instance: replica }, "monitoring", "read", isPaused);
    if (paused) {
      observe(`${replica} has its replay paused`);
      return undefined;
    }
    const senders = await context.transaction({ instance: primary }, "monitoring", "read", async (client) => {
      const { rows } = await client.query<Sender>(sendersSql);
      return rows;
    });
    const sender = senders.find(({ name }) => name === replica);
    if (!sender) {
      observe(`${primary} sends to ${senders.map(({ name }) => name).join(", ") || "nobody"}`);
      return undefined;
    }
    const bytes = Number(sender.lag_bytes ?? NaN);
    const lag = `${sender.lag_bytes ?? "?"} bytes and ${sender.lag_ms ?? "0"} ms behind`;
    observe(`${replica} is ${sender.state}, ${lag}`);
    if (sender.state !== "streaming" || !(bytes <= maxLagBytes)) return undefined;
    return `${replica} ${sender.state} (${sender.sync}), ${lag}`;
  });
}

async function isPaused(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ paused: boolean }>("SELECT pg_is_wal_replay_paused() AS paused");
  return rows[0]?.paused ?? false;
}
