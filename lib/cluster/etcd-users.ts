import { z } from "zod";
import type { EtcdGrant } from "../cluster-config/etcd-users.ts";
import { UserError } from "../errors.ts";
import type { StackContainers } from "./stack-containers.ts";

/** A user of etcd as it should be. It has one role, of its own name, with its grants. */
export interface EtcdUser {
  readonly name: string;
  readonly password: string;
  readonly grants: readonly EtcdGrant[];
}

/** What a role may: etcd's own words, so that what nobody here would grant is seen, too. */
export interface EtcdPermission {
  readonly access: "read" | "write" | "readwrite";
  readonly key: string;
  /** The first key that it does not hold for; absent for one key alone. */
  readonly end?: string;
}

/** Users and roles as they are, by name. */
export interface EtcdState {
  /** Whether etcd asks for a user at all. */
  readonly isEnabled: boolean;
  readonly users: ReadonlyMap<string, readonly string[]>;
  readonly roles: ReadonlyMap<string, readonly EtcdPermission[]>;
}

/** One command of etcdctl, and the password that it reads from its input. */
export interface EtcdStep {
  readonly command: readonly string[];
  readonly password?: string;
}

export type EtcdMembers = Pick<StackContainers, "parts" | "run">;

// In a member's container etcdctl is root by its certificate, whether etcd asks for users or not.
const etcdctl = "etcdctl --command-timeout=3s --dial-timeout=1s";

// A name has a line of its own: it may hold anything else.
const readScript = `set -euo pipefail
each() { while IFS= read -r name; do answer=$(${etcdctl} "$1" get "$name" -w json); echo "$1"; echo "$name"; echo "$answer"; done; }
answer=$(${etcdctl} auth status -w json); echo "$answer"
${etcdctl} user list | each user
${etcdctl} role list | each role`;

// Two lines for each step: the password, or nothing; the command, its words set apart by tabs.
const performScript = `set -euo pipefail
while IFS= read -r password && IFS=$'\t' read -r -a command; do
  ${etcdctl} "\${command[@]}" <<<"$password" >/dev/null
done`;

/** Asks the first member that answers. @throws UserError `etcd` with what was answered */
export async function readEtcdState(members: EtcdMembers): Promise<EtcdState> {
  const [status = "{}", ...lines] = (await onMember(members, readScript)).split("\n");
  const users = new Map<string, readonly string[]>();
  const roles = new Map<string, readonly EtcdPermission[]>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [kind, name = "", answer = ""] = lines.slice(at, at + 3);
    if (kind === "user") users.set(name, userAnswer.parse(JSON.parse(answer)).roles);
    else roles.set(name, roleAnswer.parse(JSON.parse(answer)).perm);
  }
  return { isEnabled: statusAnswer.parse(JSON.parse(status)).enabled, users, roles };
}

/** Carries the steps out, in order, until one fails. @throws UserError `etcd` with what was answered */
export async function performEtcdSteps(members: EtcdMembers, steps: readonly EtcdStep[]): Promise<void> {
  const lines = steps.flatMap(({ command, password = "" }) => [password, command.join("\t")]);
  await onMember(members, performScript, lines.map((line) => `${line}\n`).join(""));
}

/**
 * Pure: what is to be done until there are exactly the users that are wanted, and root, and etcd asks for one. Asking
 * comes last: who has no user yet is served until then.
 * @param renewed names of users whose password is to be set though they exist
 */
export function planEtcdUsers(
  { isEnabled, users, roles }: EtcdState,
  wanted: readonly EtcdUser[],
  renewed: ReadonlySet<string>,
): readonly EtcdStep[] {
  const steps: EtcdStep[] = [];
  const step = (...command: string[]): void => void steps.push({ command });
  const giveRole = (name: string): void => {
    if (!users.get(name)?.includes(name)) step("user", "grant-role", name, name);
    for (const other of users.get(name) ?? []) if (other !== name) step("user", "revoke-role", name, other);
  };
  if (!roles.has("root")) step("role", "add", "root");
  // A certificate alone is root.
  if (!users.has("root")) step("user", "add", "root", "--no-password");
  giveRole("root");
  for (const { name, password, grants } of wanted) {
    const permissions = grants.map(permissionOf);
    const has = roles.get(name) ?? [];
    if (!roles.has(name)) step("role", "add", name);
    for (const { access, key, end } of without(permissions, has)) {
      step("role", "grant-permission", name, access, key, ...(end === undefined ? [] : [end]));
    }
    const keys = permissions.map(rangeOf);
    for (const other of has.filter((each) => !keys.includes(rangeOf(each)))) {
      step("role", "revoke-permission", name, other.key, ...(other.end === undefined ? [] : [other.end]));
    }
    if (!users.has(name)) steps.push({ command: ["user", "add", name, "--interactive=false"], password });
    else if (renewed.has(name))
      steps.push({ command: ["user", "passwd", name, "--interactive=false"], password });
    giveRole(name);
  }
  const names = ["root", ...wanted.map(({ name }) => name)];
  for (const name of users.keys()) if (!names.includes(name)) step("user", "delete", name);
  for (const name of roles.keys()) if (!names.includes(name)) step("role", "delete", name);
  if (!isEnabled) step("auth", "enable");
  return steps;
}

/** The right on one key or on a range that etcd keeps for a grant. */
export function permissionOf({ access, key, isPrefix }: EtcdGrant): EtcdPermission {
  if (!isPrefix) return { access, key };
  return {
    access,
    key,
    end: `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) + 1)}`,
  };
}

function without(
  these: readonly EtcdPermission[],
  those: readonly EtcdPermission[],
): readonly EtcdPermission[] {
  return these.filter(
    (one) => !those.some((other) => one.access === other.access && rangeOf(one) === rangeOf(other)),
  );
}

function rangeOf({ key, end = "" }: EtcdPermission): string {
  return `${key}\0${end}`;
}

async function onMember(members: EtcdMembers, script: string, input?: string): Promise<string> {
  let failure = "no member of etcd runs";
  for (const member of members.parts("etcd")) {
    const { code, stdout, stderr } = await members.run(member, ["bash", "-c", script], input);
    if (code === 0) return stdout;
    failure = `${member} answers: ${stderr.trim() || `exit code ${code}`}`;
  }
  throw new UserError("etcd", failure);
}

const statusAnswer = z.object({ enabled: z.boolean().default(false) });
const userAnswer = z.object({ roles: z.array(z.string()).default([]) });
const base64 = z.string().transform((text) => Buffer.from(text, "base64").toString());
const permission = z
  .object({ permType: z.int().default(0), key: base64, range_end: base64.optional() })
  .transform(({ permType, key, range_end: end }): EtcdPermission => {
    const access = ["read", "write", "readwrite"] as const;
    return { access: access[permType] ?? "readwrite", key, ...(end === undefined ? {} : { end }) };
  });
const roleAnswer = z.object({ perm: z.array(permission).default([]) });
