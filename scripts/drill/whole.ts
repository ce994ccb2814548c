import { addressesOf } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { eventually } from "../../lib/poll.ts";
import type { StackOutputs } from "../../lib/stack-outputs.ts";
import { waitForInstances } from "../stack/cluster-ready.ts";
import { faultsOf } from "./heal.ts";
import { DeadlineClient } from "./load/deadline-client.ts";
import type { Parts } from "./parts.ts";
import type { Targets } from "./targets.ts";

export interface WholeOptions {
  readonly signal?: AbortSignal;
  /** Called with what is missing, each time that it is looked for. */
  readonly tell?: (missing: string) => void;
}

/**
 * Waits until the cluster is whole: every container is at work, one primary with all others streaming, each way of
 * each endpoint leads to it, etcd has all its members, and every replica may confirm commits.
 * @throws UserError `timeout` with what was last seen
 */
export async function waitUntilWhole(
  stack: StackOutputs | undefined,
  targets: Targets,
  parts: Parts,
  withinMs: number,
  { signal, tell = () => undefined }: WholeOptions = {},
): Promise<void> {
  const end = Date.now() + withinMs;
  const options = signal ? { signal } : {};
  const last = (observe: (state: string) => void, missing: string | undefined): true | undefined => {
    if (missing === undefined) return true;
    observe(missing);
    tell(missing);
    return undefined;
  };
  await eventually(
    { what: "the cluster to be whole", withinMs, everyMs: 200, ...options },
    async (observe) => {
      const missing = await faultsOf(parts);
      return last(observe, missing.length === 0 ? undefined : missing.join(", "));
    },
  );
  if (stack) await waitForInstances(stack, tell, Math.max(end - Date.now(), 1000));
  await eventually(
    {
      what: "every way into the cluster to lead there",
      withinMs: Math.max(end - Date.now(), 1000),
      everyMs: 200,
      ...options,
    },
    async (observe) => {
      const missing =
        (await brokenWay(targets)) ??
        (await brokenEtcd(parts, stack ? "https" : "http")) ??
        (await uncountedReplicas(targets));
      return last(observe, missing);
    },
  );
}

async function brokenWay({ rw, ro }: Targets): Promise<string | undefined> {
  for (const endpoint of [rw, ro]) {
    for (const address of addressesOf(endpoint)) {
      // With a deadline: what leads nowhere may never answer.
      const client = new DeadlineClient({ ...endpoint, ...address, alternatives: [] });
      try {
        await client.connect();
        await client.query("SELECT 1");
      } catch (error) {
        return `${address.host}:${address.port} does not answer: ${messageOf(error)}`;
      } finally {
        client.drop();
      }
    }
  }
  return undefined;
}

/**
 * Replicas that stream and whose word no commit takes yet: Patroni counts one that has come back some seconds later.
 * A primary lost before that is replaced by one that has to wait for it.
 */
async function uncountedReplicas({ admin }: Targets): Promise<string | undefined> {
  const client = new DeadlineClient(admin);
  try {
    await client.connect();
    const row = await client.query(
      `SELECT string_agg(application_name, ', ') AS names FROM pg_stat_replication
        WHERE application_name ~ '^pg-[0-9]' AND sync_state NOT IN ('quorum', 'sync')
          AND current_setting('synchronous_standby_names') <> ''`,
    );
    const names = row?.["names"];
    return typeof names === "string" ? `no commit takes the word of ${names} yet` : undefined;
  } catch (error) {
    return `admin does not answer: ${messageOf(error)}`;
  } finally {
    client.drop();
  }
}

/** @param scheme how its members are asked: what is no stack of ours has no TLS */
async function brokenEtcd(parts: Parts, scheme: "http" | "https"): Promise<string | undefined> {
  const members = parts.names("etcd");
  const [asked] = members;
  if (asked === undefined) return undefined;
  const endpoints = members.map((member) => `${scheme}://${member}:2379`).join(",");
  const { code, text } = await parts.run(asked, 'etcdctl --endpoints "$1" endpoint health 2>&1', endpoints);
  return code === 0 ? undefined : `etcd: ${text.trim()}`;
}
