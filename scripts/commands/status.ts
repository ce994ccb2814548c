import Table from "cli-table3";
import { writeCa } from "../../lib/ca-file.ts";
import { readHealth, type InstanceHealth } from "../../lib/cluster/instance-health.ts";
import { StackContainers } from "../../lib/cluster/stack-containers.ts";
import { withClient } from "../../lib/connection.ts";
import { connectDocker } from "../../lib/docker.ts";
import { messageOf } from "../../lib/errors.ts";
import { connectionString, connectionTo, type StackOutputs } from "../../lib/stack-outputs.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { readOutputs } from "../stack/stack-state.ts";

/** One instance as it says itself, or why it does not. */
interface InstanceStatus {
  readonly name: string;
  readonly address: string;
  readonly role: string;
  readonly lag: string;
}

// The lag is the time since the last replayed commit, and none when all that was received is replayed.
const statusSql = `
SELECT pg_is_in_recovery() AS replica,
       pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AS current,
       extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 AS seconds`;

/** `./ecosphere status`: exit code 0 when every container runs, and every instance answers and is well. */
export async function status(stack: string): Promise<number> {
  const containers = await readContainers(stack);
  await ensurePulumi();
  const outputs = await readOutputs(stack);
  const ca = outputs.ca === undefined ? "" : writeCa(stack, outputs.ca);
  const stackContainers = await StackContainers.of(stack);
  const instances = await Promise.all(
    outputs.instances.map(async ({ name }) => {
      const [said, health] = await Promise.all([
        readInstance(outputs, name),
        readHealth(stackContainers, name),
      ]);
      return { ...said, ...health };
    }),
  );
  const text = [
    table(["container", "state"], containers),
    table(
      ["instance", "address", "role", "lag", "free disk"],
      instances.map(({ name, address, role, lag, disk }) => [name, address, role, lag, describeDisk(disk)]),
    ),
    table(
      ["endpoint", "address"],
      [
        ["rw", connectionString(outputs, "rw", "app", ca)],
        ["ro", connectionString(outputs, "ro", "reporting", ca)],
        ["admin", connectionString(outputs, "admin", "admin", ca)],
      ],
    ),
  ];
  const warnings = instances.flatMap(({ name, trouble }) =>
    trouble === undefined ? [] : `${name}: ${trouble}\n`,
  );
  process.stdout.write(`${text.join("\n")}\n${warnings.join("")}`);
  const isWell =
    containers.length > 0 &&
    containers.every(([, state]) => /^Up\b(?!.*unhealthy)/.test(state)) &&
    instances.filter(({ role }) => role === "primary").length === 1 &&
    instances.every(({ role }) => role === "primary" || role === "replica") &&
    warnings.length === 0;
  return isWell ? 0 : 1;
}

async function readContainers(stack: string): Promise<(readonly [name: string, state: string])[]> {
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
  const containers = await docker.listContainers({ all: true, filters });
  return containers
    .map(({ Names: [name], Id: id, Status: state }) => [name?.slice(1) ?? id, state] as const)
    .sort(([a], [b]) => a.localeCompare(b));
}

async function readInstance(outputs: StackOutputs, name: string): Promise<InstanceStatus> {
  const connection = connectionTo(outputs, { instance: name }, "monitoring");
  const address = `${connection.host}:${connection.port}`;
  try {
    return await withClient(connection, "ecosphere-status", async (client) => {
      const { rows } = await client.query<{
        replica: boolean;
        current: boolean | null;
        seconds: number | null;
      }>(statusSql);
      const row = rows[0];
      if (!row?.replica) return { name, address, role: "primary", lag: "" };
      const lag = row.current ? "0 s" : row.seconds === null ? "unknown" : `${row.seconds.toFixed(1)} s`;
      return { name, address, role: "replica", lag };
    });
  } catch (error) {
    return { name, address, role: `does not answer: ${messageOf(error)}`, lag: "" };
  }
}

function describeDisk(disk: InstanceHealth["disk"]): string {
  if (!disk) return "";
  const gigabytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);
  return `${gigabytes(disk.freeBytes)} of ${gigabytes(disk.totalBytes)} GiB`;
}

function table(head: string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head,
    style: { head: [], border: [] },
    // No line between two rows.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}
