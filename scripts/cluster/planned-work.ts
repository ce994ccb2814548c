import { etcdClientPort } from "../../lib/cluster-config/topology.ts";
import type { StackContainers } from "./stack-containers.ts";

/** While the key is there, the sentinel takes nothing for a fault. */
export const plannedKey = "/ecosphere/planned";

/**
 * Says for `seconds` that somebody changes the cluster on purpose. The key goes with its lease, so that nobody
 * has to take it back who may have died.
 */
export async function announcePlannedWork(
  containers: StackContainers,
  what: string,
  seconds: number,
): Promise<void> {
  const script = `
    lease=$(etcdctl --endpoints "$1" lease grant "$2" | cut -d ' ' -f 2) &&
    etcdctl --endpoints "$1" put --lease "$lease" "$3" "$4"`;
  const [member = "etcd-1"] = containers.parts("etcd");
  const values = [`127.0.0.1:${etcdClientPort}`, String(seconds), plannedKey, what];
  const { code, stderr } = await containers.run(member, ["bash", "-c", script, "bash", ...values]);
  if (code !== 0) throw new Error(`etcd does not take the note of planned work: ${stderr.trim()}`);
}
