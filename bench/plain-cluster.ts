import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { renderEtcdConfig } from "../lib/cluster-config/etcd.ts";
import { haproxyFile, renderHaproxyConfig } from "../lib/cluster-config/haproxy.ts";
import {
  clusterSettings,
  patroniFile,
  postBootstrapFile,
  renderPatroniConfig,
  renderPostBootstrapSql,
} from "../lib/cluster-config/patroni.ts";
import {
  pgbouncerFile,
  renderPgbouncerConfig,
  renderUserlist,
  userlistFile,
} from "../lib/cluster-config/pgbouncer.ts";
import {
  adminRole,
  etcdNames,
  postgresPort,
  proxyNames,
  proxyPorts,
} from "../lib/cluster-config/topology.ts";
import { withClient, type Connection } from "../lib/connection.ts";
import { imageName, imageUserIds, type ImagePart } from "../lib/images.ts";
import { eventually } from "../lib/poll.ts";
import { verifierFor } from "../lib/scram.ts";
import { instanceNames, settingDefaults } from "../lib/settings.ts";
import { freePorts } from "./free-ports.ts";
import type { PlainVariant } from "./patroni-variants.ts";

const run = promisify(execFile);
const docker = async (...args: readonly string[]): Promise<string> => (await run("docker", args)).stdout;

/** What is on the containers, so that a run that was killed can be told from anything else. */
export const benchLabel = "ecosphere.bench=1";

/**
 * The peer of the bring-up benchmark: Patroni, etcd, HAProxy and PgBouncer started by hand, with `docker run`, from the
 * same images and with the same files as a stack's. No Pulumi, no roles, no tables.
 */
export interface PlainCluster extends AsyncDisposable {
  /** Resolves when the primary takes writes and `replicas` replicas stream. */
  readonly ready: Promise<void>;
  /** The prefix of the containers' names, which is the network's name. */
  readonly name: string;
  /** The primary, by HAProxy, as the administrator. */
  readonly primary: Connection;
  readonly instances: readonly { readonly name: string; readonly connection: Connection }[];
  /** Waits until all replicas stream. */
  untilStreaming(): Promise<void>;
}

/**
 * Makes a folder with files that any user of a container can read, whoever runs this: giving them to another
 * user would take root. On the host the folder that it stands in keeps others out. Returns the folder.
 */
export function handOver(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, 0o444);
  }
  // Whatever the umask has made of it.
  chmodSync(folder, 0o755);
  return folder;
}

/** @param variant settings other than a stack's */
export async function startPlainCluster(
  replicas: number,
  proxies: number,
  variant?: PlainVariant,
): Promise<PlainCluster> {
  const prefix = `ecosphere-bench-${randomBytes(4).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-bench-"));
  const password = randomBytes(16).toString("hex");
  const instances = instanceNames(replicas);
  // Fixed, since a container that is started again would have another one.
  const [proxyPort = 0, ...instancePorts] = await freePorts(1 + instances.length);
  const containers: string[] = [];
  const volumes: string[] = [];

  const start = async (
    part: string,
    image: Exclude<ImagePart, "base">,
    files: Record<string, string>,
    options: readonly string[],
  ): Promise<void> => {
    const owner = `uid=${imageUserIds[image]},gid=${imageUserIds[image]}`;
    const name = `${prefix}-${part}`;
    containers.push(name);
    await docker(
      ...["run", "--detach", "--name", name, "--hostname", part, "--label", benchLabel],
      ...["--network", prefix, "--network-alias", part, "--restart", "always", "--read-only"],
      ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
      ...["--tmpfs", `/tmp:${owner}`, "--tmpfs", `/run/postgresql:${owner}`],
      ...["--volume", `${handOver(join(folder, part), files)}:/etc/ecosphere:ro`],
      ...options,
      imageName(image),
    );
  };
  const dataVolume = (part: string, path: string): string[] => {
    volumes.push(`${prefix}-${part}`);
    return ["--volume", `${prefix}-${part}:${path}`];
  };

  const remove = async (): Promise<void> => {
    if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
    if (volumes.length > 0) await docker("volume", "rm", "--force", ...volumes);
    await docker("network", "rm", prefix).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    await docker("network", "create", "--label", benchLabel, prefix);
    const postBootstrap = `${renderPostBootstrapSql(adminRole)}ALTER ROLE ${adminRole} PASSWORD '${verifierFor(adminRole, password)}';\n`;
    const proxyFiles = {
      [haproxyFile]: variant?.haproxy(instances) ?? renderHaproxyConfig(),
      [pgbouncerFile("rw")]: renderPgbouncerConfig("rw"),
      [pgbouncerFile("ro")]: renderPgbouncerConfig("ro"),
      [userlistFile]: renderUserlist(),
    };
    await Promise.all([
      ...etcdNames.map((member) =>
        start(
          member,
          "etcd",
          { "etcd.yml": renderEtcdConfig(member, prefix) },
          dataVolume(member, "/data/etcd"),
        ),
      ),
      ...instances.map((instance, at) => {
        const secrets = { replicationPassword: password, rewindPassword: password };
        const settings = clusterSettings({
          synchronous: "quorum",
          parameters: {},
          instanceMemory: Number(settingDefaults.instanceMemory),
        });
        const config = renderPatroniConfig(instance, settings, secrets);
        const files = {
          [patroniFile]: variant?.patroni(config) ?? config,
          [postBootstrapFile]: postBootstrap,
        };
        const publish = ["--publish", `127.0.0.1:${instancePorts[at] ?? 0}:${postgresPort}`];
        return start(instance, "postgres", files, [...publish, ...dataVolume(instance, "/data/postgres")]);
      }),
      ...proxyNames(proxies).map((proxy, at) =>
        start(proxy, "proxy", proxyFiles, [
          "--publish",
          `127.0.0.1:${at === 0 ? proxyPort : 0}:${proxyPorts.admin}`,
        ]),
      ),
    ]);
    const login = { host: "127.0.0.1", database: "postgres", user: adminRole, password };
    const connection = { ...login, port: proxyPort };
    const untilStreaming = (): Promise<void> =>
      eventually(
        { what: `${replicas} streaming replicas`, withinMs: 120_000, everyMs: 100 },
        async (observe) => {
          const streaming = await withClient(connection, "ecosphere-bench", async (client) => {
            await client.query("SELECT pg_logical_emit_message(true, 'ecosphere', 'bench')");
            const { rows } = await client.query<{ application_name: string }>(
              "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming' AND application_name = ANY ($1)",
              [instances],
            );
            return rows.length;
          });
          observe(`${streaming} replicas streaming`);
          return streaming === replicas ? true : undefined;
        },
      ).then(() => undefined);
    return {
      ready: untilStreaming(),
      name: prefix,
      primary: connection,
      instances: instances.map((name, at) => ({
        name,
        connection: { ...login, port: instancePorts[at] ?? 0 },
      })),
      untilStreaming,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
