import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { withClient } from "../lib/connection.ts";
import { messageOf, UserError } from "../lib/errors.ts";
import { quoteLiteral } from "../lib/identifier.ts";
import { startPostgres, type PostgresServer } from "../tests/helpers/postgres-server.ts";
import { programHead, pulumiProject, type PulumiProject } from "../tests/helpers/pulumi-project.ts";
import { time, type Benchmark, type Prepared } from "./harness.ts";

const counts = [10, 100, 300] as const;
/** How many values of the key one partition takes. */
const step = 1000;
const role = "ddl_admin";

/** How the same partitions stand in a program. */
type Form = "partition" | "set";

const formTitles: Readonly<Record<Form, (count: number) => string>> = {
  partition: (count) => `${count} Partition resources`,
  set: (count) => `one PartitionSet of ${count}`,
};

export const benchmarks: readonly Benchmark[] = counts.flatMap((count) =>
  (["partition", "set"] as const).flatMap((form): Benchmark[] => [
    {
      name: `partitions-preview-${form}-${count}`,
      title: `pulumi preview of ${formTitles[form](count)}, unchanged`,
      peer: `pulumi preview of ${count} empty components`,
      aim: 1.5,
      prepare: () => prepared((place) => preparePreview(place, form, count)),
    },
    {
      name: `partitions-up-${form}-${count}`,
      title: `pulumi up that makes ${formTitles[form](count)}`,
      peer: `psql with the ${count} statements`,
      aim: 20,
      prepare: () => prepared((place) => prepareUp(place, form, count)),
    },
  ]),
);

/** A server that counts statements, and a stack for whatever must go when the benchmark ends. */
interface Place {
  readonly server: PostgresServer;
  readonly password: string;
  readonly stack: AsyncDisposableStack;
}

async function prepared(make: (place: Place) => Promise<Omit<Prepared, symbol>>): Promise<Prepared> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startPostgres(["shared_preload_libraries=pg_stat_statements"]));
  const password = randomBytes(12).toString("hex");
  await superuser(
    server,
    `CREATE EXTENSION pg_stat_statements;
     CREATE ROLE ${role} LOGIN PASSWORD ${quoteLiteral(password)};
     CREATE SCHEMA bench AUTHORIZATION ${role}`,
  );
  const work = await make({ server, password, stack });
  const kept = stack.move();
  return { ...work, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function preparePreview(place: Place, form: Form, count: number): Promise<Omit<Prepared, symbol>> {
  const ours = place.stack.use(await projectOf(place));
  await ours.write(partitionProgram(place.server, form, count));
  await ours.succeed("up", "--yes", "--skip-preview");
  const empty = place.stack.use(await pulumiProject());
  await empty.write(componentProgram(count));
  await empty.succeed("up", "--yes", "--skip-preview");
  let statements = Number.NaN;
  return {
    ours: async () => {
      await superuser(place.server, "SELECT pg_stat_statements_reset()");
      const seconds = await time(() => ours.succeed("preview", "--expect-no-changes"));
      statements = await statementsOfRole(place.server);
      return seconds;
    },
    peer: () => time(() => empty.succeed("preview", "--expect-no-changes")),
    remark: () => `${statements} statements reached the server`,
  };
}

async function prepareUp(place: Place, form: Form, count: number): Promise<Omit<Prepared, symbol>> {
  const { server } = place;
  const renew = (): Promise<unknown> =>
    superuser(server, `DROP SCHEMA bench CASCADE; CREATE SCHEMA bench AUTHORIZATION ${role}`);
  let statements = Number.NaN;
  return {
    ours: async () => {
      await renew();
      await using project = await projectOf(place);
      await project.write(partitionProgram(server, form, count));
      await superuser(server, "SELECT pg_stat_statements_reset()");
      const seconds = await time(() => project.succeed("up", "--yes", "--skip-preview"));
      statements = await statementsOfRole(server);
      return seconds;
    },
    peer: async () => {
      await renew();
      return time(() => psql(server, sameStatements(count)));
    },
    remark: () => `${statements} statements reached the server, those of transactions included`,
  };
}

function projectOf({ password }: Place): Promise<PulumiProject> {
  return pulumiProject({ PGPASSWORD: password });
}

function partitionProgram(server: PostgresServer, form: Form, count: number): string {
  const head = `${programHead({ ...server.superuser, user: role })}
const table = new pgddl.Table("events", {
  schema: "bench", name: "events",
  columns: [{ name: "id", type: "bigint", notNull: true }, { name: "note", type: "text" }],
  primaryKey: { columns: ["id"] },
  partitionBy: { strategy: "range", columns: ["id"] },
}, { provider });
`;
  if (form === "set") {
    return `${head}new pgddl.PartitionSet("events", {
  schema: "bench", parent: table.name, interval: ${step}, premake: 0,
  range: { from: "0", to: "${count * step}" }, asOf: "0",
}, { provider });
`;
  }
  return `${head}for (let from = 0; from < ${count * step}; from += ${step}) {
  new pgddl.Partition("events_" + from, {
    schema: "bench", name: "events_" + from, parent: table.name,
    bound: { from: [String(from)], to: [String(from + ${step})] },
  }, { provider });
}
`;
}

function componentProgram(count: number): string {
  return `import * as pulumi from "@pulumi/pulumi";
for (let at = 0; at < ${count}; at++) new pulumi.ComponentResource("bench:index:Empty", "empty-" + at);
`;
}

/** Each a transaction of its own, as somebody would type them. */
function sameStatements(count: number): string {
  const partitions = Array.from({ length: count }, (_, at) => {
    const from = at * step;
    return `CREATE TABLE bench.events_${from} PARTITION OF bench.events FOR VALUES FROM (${from}) TO (${from + step});`;
  });
  return [
    `SET ROLE ${role};`,
    "CREATE TABLE bench.events (id bigint NOT NULL PRIMARY KEY, note text) PARTITION BY RANGE (id);",
    ...partitions,
  ].join("\n");
}

/** By the psql in the server's own container, as the superuser: the password is in its memory already. */
function psql(server: PostgresServer, script: string): Promise<void> {
  const command = 'PGPASSWORD="$(cat /tmp/pw)" exec psql -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 -q';
  return new Promise((resolve, reject) => {
    const child = execFile(
      "docker",
      ["exec", "--interactive", server.container, "sh", "-c", command],
      (error) => {
        if (error) reject(new UserError("bench", messageOf(error)));
        else resolve();
      },
    );
    child.stdin?.end(script);
  });
}

function superuser(server: PostgresServer, sql: string): Promise<unknown> {
  return withClient(server.superuser, "ecosphere-bench", (client) => client.query(sql));
}

async function statementsOfRole(server: PostgresServer): Promise<number> {
  return withClient(server.superuser, "ecosphere-bench", async (client) => {
    const { rows } = await client.query<{ calls: number }>(
      `SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements WHERE userid = '${role}'::regrole`,
    );
    return rows[0]?.calls ?? 0;
  });
}
