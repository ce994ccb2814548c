import assert from "node:assert/strict";
import { superuserPsql } from "../../lib/cluster/superuser-session.ts";
import { withClient } from "../../lib/connection.ts";
import { connectDocker } from "../../lib/docker.ts";
import { eventually } from "../../lib/poll.ts";
import { connectionTo, parseStackOutputs, type StackOutputs } from "../../lib/stack-outputs.ts";
import { runCommand, type Run, type TestStack } from "./ecosphere.ts";
import { within } from "./timeouts.ts";

type Place = Parameters<typeof connectionTo>[1];

/** Fails with all that the program printed when it did not end well. */
export function succeeds(run: Run): void {
  // Its end tells why; the whole would hide it.
  assert.equal(run.code, 0, run.output.slice(-8000));
}

/** What a deployed stack tells now, with its passwords. */
export async function outputsOf(stack: TestStack): Promise<StackOutputs> {
  const run = await stack.ecosphere("pulumi", "stack", "output", "--json", "--show-secrets");
  succeeds(run);
  return parseStackOutputs(JSON.parse(run.stdout));
}

/** As root, in the container of etcd-2; what it printed. */
export async function etcdctl(stack: TestStack, ...args: readonly string[]): Promise<string> {
  const run = await runCommand(["docker", "exec", `ecosphere-${stack.name}-etcd-2`, "etcdctl", ...args]);
  succeeds(run);
  return run.stdout;
}

/** The name of the instance that is the primary now. @throws Error when none says so */
export async function primaryOf(outputs: StackOutputs): Promise<string> {
  for (const { name } of outputs.instances) {
    if (!(await isReplica(outputs, { instance: name }))) return name;
  }
  throw new Error("no instance is the primary");
}

async function isReplica(outputs: StackOutputs, where: Place): Promise<boolean> {
  return withClient(connectionTo(outputs, where, "monitoring"), "e2e", async (client) => {
    const { rows } = await client.query<{ replica: boolean }>("SELECT pg_is_in_recovery() AS replica");
    return rows[0]?.replica !== false;
  });
}

/** Runs SQL in an instance's container, over the local socket. */
export async function asSuperuser(stack: TestStack, instance: string, sql: string): Promise<void> {
  const container = `ecosphere-${stack.name}-${instance}`;
  const psql = [...superuserPsql, "-v", "ON_ERROR_STOP=1", "-c", sql];
  const run = await runCommand(["docker", "exec", container, ...psql]);
  succeeds(run);
}

/** Waits until new sessions of ro are all on these instances, by their addresses inside the stack's networks. */
export async function roLeadsTo(outputs: StackOutputs, instances: readonly string[]): Promise<void> {
  const addressAt = (where: Place): Promise<string> =>
    withClient(connectionTo(outputs, where, "monitoring"), "e2e", async (client) => {
      const { rows } = await client.query<{ address: string }>("SELECT host(inet_server_addr()) AS address");
      return rows[0]?.address ?? "";
    });
  const allowed = await Promise.all(instances.map((instance) => addressAt({ instance })));
  await eventually(
    {
      what: `ro to lead to ${instances.join(" and ")} alone`,
      withinMs: within.clusterRecovered,
      everyMs: 250,
    },
    async (observe) => {
      const seen = new Set(await Promise.all([1, 2, 3, 4, 5, 6].map(() => addressAt("ro"))));
      observe([...seen].join(", "));
      return [...seen].every((address) => allowed.includes(address)) && seen.size === allowed.length
        ? true
        : undefined;
    },
  );
}

/** Waits until `./ecosphere check` has nothing to say. */
export async function everyCheckPasses(stack: TestStack): Promise<void> {
  await eventually(
    { what: "every check to pass again", withinMs: within.clusterRecovered, everyMs: 1000 },
    async (observe) => {
      const run = await stack.ecosphere("check");
      observe(run.output);
      return run.code === 0 ? true : undefined;
    },
  );
}

/** Pulumi sees no difference between what the program says and what is there. */
export async function previewShowsNoChange(stack: TestStack): Promise<void> {
  succeeds(await stack.ecosphere("pulumi", "preview", "--expect-no-changes", "--non-interactive"));
}

/** What it takes down of what is there is what it had. */
export async function refreshShowsNoChange(stack: TestStack): Promise<void> {
  succeeds(await stack.ecosphere("pulumi", "refresh", "--yes", "--expect-no-changes", "--non-interactive"));
}

/** Of every login, wherever it may log in. */
export async function onlyNewPasswordsWork(before: StackOutputs, after: StackOutputs): Promise<void> {
  const instances = after.instances.map(({ name }) => ({ instance: name }));
  for (const who of ["admin", "app", "reporting", "seeder", "monitoring"] as const) {
    // The poolers let no administrator in.
    const pooled = who === "admin" ? [] : (["rw", "ro"] as const);
    for (const where of [...pooled, "admin", ...instances] as const) {
      const login = connectionTo(after, where, who);
      const answers = (password: string): Promise<boolean> =>
        withClient({ ...login, password }, "e2e", () => Promise.resolve(true));
      assert.ok(await answers(login.password));
      await assert.rejects(answers(before.credentials[who].password), /authentication failed/);
    }
  }
}

/** The ids of a stack's containers, running or not. */
export async function containerIds(stack: TestStack): Promise<string[]> {
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack.name}`] });
  const containers = await docker.listContainers({ all: true, filters });
  return containers.map(({ Id }) => Id).sort();
}
