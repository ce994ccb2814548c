import { UserError } from "../lib/errors.ts";
import { withClient } from "../lib/connection.ts";
import { eventually } from "../lib/poll.ts";
import { connectionTo, type StackOutputs } from "../lib/stack-outputs.ts";
import type { Parts } from "../scripts/drill/parts.ts";

/** By Patroni's own tool, in the cluster's settings in etcd; returns when the primary goes by it. */
export async function setSynchronousMode(
  parts: Parts,
  outputs: StackOutputs,
  mode: "off" | "quorum",
): Promise<void> {
  const [asked = ""] = parts.names("pg");
  const change =
    'patronictl -c /etc/ecosphere/patroni.yml edit-config --force --quiet --set "synchronous_mode=$1"';
  const { code, text } = await parts.run(asked, change, mode);
  if (code !== 0) throw new UserError("synchronous-mode", `synchronous_mode was not changed: ${text.trim()}`);
  await eventually({ what: `synchronous_mode ${mode} to be in force`, withinMs: 60_000 }, async (observe) => {
    const names = await withClient(connectionTo(outputs, "admin", "admin"), "ecosphere", async (client) => {
      const { rows } = await client.query<{ names: string }>(
        "SELECT current_setting('synchronous_standby_names') AS names",
      );
      return rows[0]?.names ?? "";
    });
    observe(`synchronous_standby_names is "${names}"`);
    return (names === "") === (mode === "off") ? true : undefined;
  });
}
