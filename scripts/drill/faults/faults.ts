import { UserError } from "../../../lib/errors.ts";
import type { Fault } from "../fault.ts";
import { killEtcdLeader, killEtcdMajority } from "./etcd.ts";
import { killAll, killProxy, killSentinel, restartDocker } from "./others.ts";
import {
  cutPrimary,
  cutPrimaryFromEtcd,
  cutPrimaryFromInstances,
  cutPrimaryInUse,
  freezePrimary,
  killPrimary,
  killTwice,
  stopPrimary,
} from "./primary-container.ts";
import { crashPatroni, crashPostmaster, diskFull, hangPostmaster } from "./primary-process.ts";
import { killReplica, killReplicas } from "./replicas.ts";

/** Every fault that a drill can make, in the order of --all. */
export const faults: readonly Fault[] = [
  killPrimary,
  stopPrimary,
  freezePrimary,
  cutPrimary,
  cutPrimaryInUse,
  cutPrimaryFromEtcd,
  cutPrimaryFromInstances,
  crashPostmaster,
  crashPatroni,
  hangPostmaster,
  killReplica,
  killReplicas,
  killEtcdLeader,
  killEtcdMajority,
  killProxy,
  killSentinel,
  diskFull,
  killTwice,
  killAll,
  restartDocker,
];

/** What nobody can make here, and why. */
export const impossibleFaults: readonly { readonly name: string; readonly why: string }[] = [
  {
    name: "clock jump",
    why: "Linux has no clock of its own for a container: setting it would set the host's, for everybody on it",
  },
];

/** @throws UserError `usage` that lists the names */
export function faultNamed(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (found) return found;
  const names = faults.map((fault) => fault.name).join(", ");
  throw new UserError("usage", `"${name}" is no fault`, `There are: ${names}. See ./ecosphere drill --list.`);
}
