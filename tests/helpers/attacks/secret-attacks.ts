import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { networkNames, networkOf } from "../../../lib/cluster-config/networks.ts";
import { stateFolder } from "../../../lib/paths.ts";
import { runCommand } from "../ecosphere.ts";
import type { Attack, Target } from "./attack.ts";

const parts = ["pg-1", "pg-2", "pg-3", "etcd-1", "etcd-2", "etcd-3", "proxy-1", "proxy-2", "sentinel"];

/** Every password of the stack: the logins', and those that only the parts know. */
export async function secretsOf(target: Target): Promise<readonly string[]> {
  const logins = Object.values(target.outputs.credentials).map(({ password }) => password);
  const identity = await target.shell("pg-1", "cat /etc/ecosphere/tls.pem");
  const key = /PRIVATE KEY-----\n(\S+)/.exec(identity)?.[1] ?? "";
  const patroni = await target.shell("pg-1", "cat /etc/ecosphere/patroni.yml /etc/ecosphere/etcd.pem");
  const sentinel = await target.shell("sentinel", "cat /etc/ecosphere/sentinel.json");
  const root = await target.shell("etcd-1", "cat /etc/ecosphere/root.pem /etc/ecosphere/tokens.pem");
  const etcd = [
    /password: (\S+)/.exec(patroni)?.[1] ?? "",
    /"password": "(\w+)"/.exec(sentinel)?.[1] ?? "",
    ...[patroni, root].flatMap((text) =>
      [...text.matchAll(/BEGIN EC PRIVATE KEY-----\n(\S+)/g)].map(([, line = ""]) => line),
    ),
  ];
  const all = [...logins, key, ...etcd];
  assert.equal(all.length, 11, "five logins, an instance's key, etcd's two users and three keys");
  for (const secret of all) assert.ok(secret.length >= 20, "a password is missing");
  return all;
}

/** A place where a secret could lie about. @param marker what is there for certain */
interface Place {
  readonly name: string;
  readonly why: string;
  readonly read: (target: Target) => Promise<string>;
  readonly marker: (target: Target) => string;
}

const printed = async (...command: readonly string[]): Promise<string> => {
  const run = await runCommand(command);
  assert.equal(run.code, 0, run.output);
  return run.output;
};
const ofEach = async (read: (part: string) => Promise<string>): Promise<string> =>
  (await Promise.all(parts.map(read))).join("\n");

const places: readonly Place[] = [
  {
    name: "docker inspect of every container",
    why: "secrets are files: no variable of the environment, argument or label holds one",
    read: (target) => printed("docker", "inspect", ...parts.map((part) => target.container(part))),
    marker: (target) => target.container("pg-1"),
  },
  {
    name: "docker inspect of every volume and network",
    why: "they have names and labels alone",
    read: (target) =>
      printed(
        "docker",
        "inspect",
        target.container("pg-1-config"),
        target.container("pg-1-data"),
        ...networkNames.map((network) => networkOf(target.stack.name, network)),
      ),
    marker: (target) => target.container("pg-1-config"),
  },
  {
    name: "the layers and the configuration of the images",
    why: "nothing of a stack is built into an image",
    read: async (target) => {
      const image = await printed("docker", "inspect", "--format", "{{.Image}}", target.container("pg-1"));
      return (
        (await printed("docker", "history", "--no-trunc", image.trim())) +
        (await printed("docker", "inspect", image.trim()))
      );
    },
    marker: () => "start-patroni",
  },
  {
    name: "the arguments of every process (ps)",
    why: "no program is given a secret as an argument",
    read: (target) => ofEach((part) => printed("docker", "top", target.container(part), "-eo", "pid,args")),
    marker: () => "/etc/ecosphere/patroni.yml",
  },
  {
    name: "the environment of every process, read from inside",
    why: "no program is given a secret in its environment",
    read: (target) =>
      ofEach((part) =>
        target.shell(part, "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"),
      ),
    marker: () => "LANG=C.UTF-8",
  },
  {
    name: "the log of every container",
    why: "statements are not logged, and pgaudit leaves passwords out",
    read: (target) => ofEach((part) => printed("docker", "logs", target.container(part))),
    marker: () => "AUDIT: SESSION",
  },
  {
    name: "the stack's folder and its state on the disk",
    why: "the state holds secrets encrypted alone",
    read: async (target) =>
      [join(stateFolder, "stacks", target.stack.name), join(stateFolder, "state", ".pulumi")]
        .flatMap((folder) => filesUnder(folder))
        .filter((path) => path.includes(target.stack.name))
        .map((path) => readFileSync(path, "utf8"))
        .join("\n"),
    marker: () => "encryptionsalt",
  },
  {
    name: "every file that another user of the container can read",
    why: "secrets are of mode 0400, in folders of mode 0700",
    read: async (target) => {
      const look =
        "cat /etc/ecosphere/* /tmp/* /tmp/.??* /run/postgresql/* /data/*/* /etc/passwd 2>/dev/null; true";
      return (await Promise.all(parts.map((part) => target.inside(part, 12345, ["bash", "-c", look]))))
        .map(({ stdout }) => stdout)
        .join("\n");
    },
    marker: () => "postgres:x:999",
  },
  {
    name: "what pg_stat_activity and pg_settings show to app",
    why: "other sessions' statements are hidden, and none of the project's own holds a secret",
    read: async (target) =>
      JSON.stringify([
        await target.sql("app", "SELECT * FROM pg_stat_activity"),
        await target.sql("app", "SELECT * FROM pg_settings"),
      ]),
    marker: () => "<insufficient privilege>",
  },
  {
    name: "what pg_stat_activity, pg_settings and pg_stat_wal_receiver show to monitoring",
    why: "conninfo is shown with its password hidden, and no statement holds a secret",
    read: async (target) =>
      JSON.stringify([
        await target.sql("monitoring", "SELECT * FROM pg_stat_activity"),
        await target.sql(
          target.connection("monitoring", { instance: target.replica }),
          "SELECT * FROM pg_settings",
        ),
        await target.sql(
          target.connection("monitoring", { instance: target.replica }),
          "SELECT * FROM pg_stat_wal_receiver",
        ),
      ]),
    marker: () => "primary_conninfo",
  },
  {
    name: "what etcd holds",
    why: "Patroni keeps settings and positions there, and no password",
    read: (target) => target.shell("etcd-1", "etcdctl get '' --prefix"),
    marker: () => "/service/ecosphere/leader",
  },
];

/** A search of each place for every secret of the stack. */
export const secretAttacks: readonly Attack[] = places.map(({ name, why, read, marker }) => ({
  title: `looking for a secret in ${name}`,
  why,
  attempt: async (target) => {
    const text = await read(target);
    const found = (await secretsOf(target)).filter((secret) => text.includes(secret));
    if (found.length === 0) throw new Error("no secret is there");
  },
  refusal: /no secret is there/,
  control: async (target) => {
    assert.ok((await read(target)).includes(marker(target)), "the search finds nothing at all");
  },
}));

/** Files of the stack on this host that another user could read, though they hold what is encrypted, or the key to it. */
export function readableFiles(target: Target): readonly string[] {
  const folder = join(stateFolder, "stacks", target.stack.name);
  return [folder, ...filesUnder(folder)].filter((path) => {
    const { mode } = statSync(path);
    return path === folder ? (mode & 0o077) !== 0 : path.endsWith("passphrase") && (mode & 0o077) !== 0;
  });
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
