import { withClient } from "../../lib/connection.ts";
import { eventually } from "../../lib/poll.ts";
import { connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { now } from "../../scripts/drill/clock.ts";
import type { Fault } from "../../scripts/drill/fault.ts";
import { HeldSession } from "../../scripts/drill/load/held-session.ts";
import type { Parts } from "../../scripts/drill/parts.ts";
import { within } from "./timeouts.ts";

/**
 * Makes two primaries, on purpose: the old one is cut off while its Patroni hangs, so that nobody demotes it, and a
 * session inside goes on committing. On an asynchronous cluster those commits are acknowledged, and no replica can
 * have them: all of them are lost when the cluster is whole again.
 */
export class SplitPrimary {
  hit = "";
  /** From then on nothing leaves the old primary. */
  cutAt = 0;

  readonly fault: Fault = {
    name: "split",
    title: "the primary is cut off, and its Patroni hangs",
    expected: "rows are lost: the negative control",
    make: async (scene) => {
      const { parts, primary } = scene;
      // It would prevent just this.
      for (const sentinel of parts.names("sentinel")) await parts.stop(sentinel);
      const inside = new HeldSession(parts, primary, scene.database, scene.journal);
      scene.keep(inside);
      await inside.open();
      const stopped = await parts.run(primary, "kill -STOP $(pgrep -P 1 -f /opt/patroni/bin/patroni)");
      if (stopped.code !== 0) throw new Error(`Patroni was not stopped: ${stopped.text}`);
      await parts.cut(primary);
      this.hit = primary;
      this.cutAt = now();
      return [primary];
    },
    // Longer than a lease lasts, so that another is promoted while the old one goes on.
    holdSeconds: 24,
  };
}

/** By Patroni's own tool; returns when the primary goes by it. */
export async function setSynchronousMode(
  parts: Parts,
  outputs: StackOutputs,
  mode: "off" | "quorum",
): Promise<void> {
  const [asked = ""] = parts.names("pg");
  const change = `patronictl -c /etc/ecosphere/patroni.yml edit-config --force --quiet --set "synchronous_mode=$1"`;
  const { code, text } = await parts.run(asked, change, mode);
  if (code !== 0) throw new Error(text);
  await eventually(
    { what: `synchronous_mode ${mode} to be in force`, withinMs: within.clusterRecovered },
    async (observe) => {
      const names = await withClient(connectionTo(outputs, "admin", "admin"), "e2e", async (client) => {
        const { rows } = await client.query<{ names: string }>(
          "SELECT current_setting('synchronous_standby_names') AS names",
        );
        return rows[0]?.names ?? "";
      });
      observe(`synchronous_standby_names is "${names}"`);
      return (names === "") === (mode === "off") ? true : undefined;
    },
  );
}
