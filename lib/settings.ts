import { isIPv4 } from "node:net";
import { isAbsolute } from "node:path";
import { parseAuthorities, type Authorities } from "./cluster-config/certificates.ts";
import { parseParameters } from "./cluster-config/parameters.ts";
import {
  firstPasswords,
  loginNames,
  parsePasswordVersions,
  type PasswordVersions,
} from "./password-versions.ts";
import { synchronousModes, type SynchronousMode } from "./cluster-config/patroni.ts";
import { maxProxies } from "./cluster-config/topology.ts";
import type { Fault } from "./errors.ts";
import { UserError } from "./errors.ts";
import { partitionIntervals, rangeFault, type PartitionInterval } from "./partition-bounds.ts";

/** The project's configuration, checked: what Pulumi.yaml declares, as values. */
export interface Settings {
  /** Replicas beside the one primary. */
  readonly replicas: number;
  /** Proxies side by side, each with its own published ports. */
  readonly proxies: number;
  /** `quorum`: a write is acknowledged when two instances have it; `async`: when the primary has it. */
  readonly synchronous: SynchronousMode;
  /** Parameters of PostgreSQL, beside those that the cluster itself sets. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The host's address on which every port is published. */
  readonly bindAddress: string;
  /** The first proxy's ports; see `proxyPortsOf` for the others'. */
  readonly rwPort: number;
  readonly roPort: number;
  readonly adminPort: number;
  /** The first instance's own port; the others follow it one by one. */
  readonly instancePort: number;
  /** What one instance may have of the host's memory, in MiB: a limit, and no reservation. */
  readonly instanceMemory: number;
  /** How long the primary may be silent before the sentinel fences it, in seconds; a replica three times as long. */
  readonly sentinelPatience: number;
  /** The authorities whose certificates the parts believe, by number; the first one signs. */
  readonly authorities: Authorities;
  /** Which of its passwords each login has. */
  readonly passwordVersions: PasswordVersions;
  /** Where the certificates are that the stack was given; undefined when an authority of its own makes them. */
  readonly certificateFolder: string | undefined;
  /** What the images are built on. */
  readonly baseImage: string;
  readonly partitionInterval: PartitionInterval;
  /** The time that the partitions of `users` cover: from inclusive, to exclusive, `YYYY-MM-DD`. */
  readonly partitionFrom: string;
  readonly partitionTo: string;
  /** Whether a seed has the shapes of a shop, or independent uniform draws. */
  readonly isRealistic: boolean;
  /** Whether `destroy`, and the removal of anything that holds data, is refused. */
  readonly isProtected: boolean;
}

/** The keys of the namespace `ecosphere` with their defaults, as Pulumi.yaml has them too (a test compares). */
export const settingDefaults = {
  replicas: "2",
  proxies: "2",
  synchronous: "quorum",
  parameters: "",
  bindAddress: "127.0.0.1",
  rwPort: "6432",
  roPort: "6433",
  adminPort: "6434",
  instancePort: "6441",
  instanceMemory: "2048",
  sentinelPatience: "2",
  authorities: "1",
  passwordVersions: "",
  certificateFolder: "",
  baseImage:
    "debian:trixie-20260918-slim@sha256:a99cfc517144bc59b1978475ec53b46ecabec7e43635402ee5b77cc54cd1b20a",
  partitionInterval: "year",
  partitionFrom: "2020-01-01",
  partitionTo: "2030-01-01",
  realistic: "true",
  protect: "auto",
} as const satisfies Record<string, string>;

export type SettingKey = keyof typeof settingDefaults;

export const maxReplicas = 8;

/**
 * Reads raw configuration. A key that is absent has its default.
 * @param raw by key without the namespace, values as Pulumi stores them
 * @param stack `protect: auto` means every stack but `dev`
 * @throws UserError `bad-config` that lists every fault: key, value received, what is allowed, the fix
 */
export function parseSettings(raw: ReadonlyMap<string, string>, stack: string): Settings {
  const faults: Fault[] = [];
  const text = (key: SettingKey): string => raw.get(key) ?? settingDefaults[key];
  const fault = (key: string, allowed: string, example: string): void => {
    const received = raw.get(key) ?? "";
    faults.push({
      property: key,
      reason: `received ${JSON.stringify(received)}; ${allowed}. Fix: pulumi config set ${key} ${example}`,
    });
  };
  const whole = (key: SettingKey, least: number, most: number): number => {
    const value = /^\d{1,6}$/.test(text(key)) ? Number(text(key)) : Number.NaN;
    if (value >= least && value <= most) return value;
    fault(key, `allowed is a whole number from ${least} to ${most}`, settingDefaults[key]);
    return Number(settingDefaults[key]);
  };

  for (const key of raw.keys()) {
    if (isSettingKey(key)) continue;
    faults.push({
      property: key,
      reason: `is no key of this project; there are: ${Object.keys(settingDefaults).join(", ")}. Fix: pulumi config rm ${key}`,
    });
  }

  const replicas = whole("replicas", 1, maxReplicas);
  const proxies = whole("proxies", 1, maxProxies);
  const highest = 65535 - (proxies - 1) * proxyPortStep;
  const rwPort = whole("rwPort", 1, highest);
  const roPort = whole("roPort", 1, highest);
  const adminPort = whole("adminPort", 1, highest);
  const instancePort = whole("instancePort", 1, 65535 - replicas);
  const instanceMemory = whole("instanceMemory", 512, 999_999);
  const sentinelPatience = whole("sentinelPatience", 2, 60);
  faults.push(...portClashes({ rwPort, roPort, adminPort }, proxies, instancePort, replicas));

  const synchronous = synchronousModes.find((mode) => mode === text("synchronous"));
  if (!synchronous) {
    const allowed = "allowed is quorum (two instances have an acknowledged write) or async (one has)";
    fault("synchronous", allowed, settingDefaults.synchronous);
  }
  const parameters = parseParameters(text("parameters"));
  if (parameters.faults.length > 0) {
    const allowed = "allowed are parameters of PostgreSQL that the cluster does not set itself";
    fault(
      "parameters",
      `${parameters.faults.join("; ")}; ${allowed}`,
      "'work_mem=16MB, max_connections=250'",
    );
  }
  if (!isIPv4(text("bindAddress"))) {
    fault("bindAddress", "allowed is an IPv4 address of this host, or 0.0.0.0 for all of them", "127.0.0.1");
  }
  const authorities = parseAuthorities(text("authorities"));
  if (!authorities) {
    fault("authorities", "allowed is one number, or two while one follows the other", "1");
  }
  const passwordVersions = parsePasswordVersions(text("passwordVersions"));
  if (!passwordVersions) {
    const allowed = `allowed is a number for ${loginNames.join(", ")}, with + once the next one is made`;
    fault("passwordVersions", allowed, "app=2");
  }
  const certificateFolder = text("certificateFolder");
  if (certificateFolder !== "" && (!isAbsolute(certificateFolder) || certificateFolder.includes("\0"))) {
    fault("certificateFolder", "allowed is the absolute path of a folder", "/etc/ssl/ecosphere");
  }
  if (!/^[a-z0-9][a-z0-9._\-/:]*(@sha256:[0-9a-f]{64})?$/.test(text("baseImage"))) {
    const allowed =
      "allowed is the name of a Debian trixie image, with its digest (@sha256: and 64 digits) or without";
    fault("baseImage", allowed, settingDefaults.baseImage);
  }
  const partitionInterval = partitionIntervals.find((interval) => interval === text("partitionInterval"));
  if (!partitionInterval) {
    fault(
      "partitionInterval",
      `allowed is ${partitionIntervals.join(", ")}`,
      settingDefaults.partitionInterval,
    );
  } else {
    const wrong = rangeFault(partitionInterval, text("partitionFrom"), text("partitionTo"));
    if (wrong !== undefined) {
      faults.push({
        property: "partitionFrom, partitionTo",
        reason: `${wrong}. Fix: pulumi config set partitionFrom ${settingDefaults.partitionFrom}, and partitionTo likewise`,
      });
    }
  }
  const realistic = text("realistic");
  if (!["true", "false"].includes(realistic)) {
    fault("realistic", "allowed is true (the shapes of a shop) or false (independent draws)", "true");
  }
  const protect = text("protect");
  if (!["auto", "true", "false"].includes(protect)) {
    fault("protect", "allowed is auto (every stack but dev), true, false", "auto");
  }

  if (faults.length > 0) {
    throw new UserError(
      "bad-config",
      `the configuration of stack ${stack} has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n` +
        faults.map(({ property, reason }) => `  ecosphere:${property}: ${reason}`).join("\n"),
    );
  }
  return {
    replicas,
    proxies,
    synchronous: synchronous ?? "quorum",
    parameters: parameters.values,
    bindAddress: text("bindAddress"),
    rwPort,
    roPort,
    adminPort,
    instancePort,
    instanceMemory,
    sentinelPatience,
    authorities: authorities ?? [1],
    passwordVersions: passwordVersions ?? firstPasswords,
    certificateFolder: certificateFolder === "" ? undefined : certificateFolder,
    baseImage: text("baseImage"),
    partitionInterval: partitionInterval ?? "year",
    partitionFrom: text("partitionFrom"),
    partitionTo: text("partitionTo"),
    isRealistic: realistic === "true",
    isProtected: protect === "auto" ? stack !== "dev" : protect === "true",
  };
}

/** The names of the instances of a cluster with so many replicas: `pg-1` and on. */
export function instanceNames(replicas: number): readonly string[] {
  return Array.from({ length: replicas + 1 }, (_, at) => `pg-${at + 1}`);
}

/** How far the ports of one proxy are from those of the next. */
export const proxyPortStep = 3;

/** The ports that one key stands for: of the first proxy, of the second, and on. */
export function proxyPortsOf(first: number, proxies: number): readonly number[] {
  return Array.from({ length: proxies }, (_, at) => first + at * proxyPortStep);
}

function portClashes(
  named: Record<string, number>,
  proxies: number,
  instancePort: number,
  replicas: number,
): readonly Fault[] {
  const taken = new Map<number, string>();
  const all: (readonly [string, number])[] = [
    ...Object.entries(named).flatMap(([key, first]) =>
      proxyPortsOf(first, proxies).map((port) => [key, port] as const),
    ),
    ...instanceNames(replicas).map((_, at) => ["instancePort", instancePort + at] as const),
  ];
  return all.flatMap(([key, port]) => {
    const other = taken.get(port);
    taken.set(port, key);
    if (other === undefined) return [];
    return [
      { property: key, reason: `port ${port} is that of ${other} already. Fix: give each a port of its own` },
    ];
  });
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settingDefaults, key);
}
