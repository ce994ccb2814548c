import type { PartKind } from "./networks.ts";

/** What a container may have of its host. Reasons: docs/decisions/0011-networks-and-limits.md. */
export interface PartLimits {
  /** MiB; whoever needs more is killed. */
  readonly memory: number;
  /** MiB with swap: as much as without, since a database that swaps is worse than one that starts again. */
  readonly memorySwap: number;
  /** A weight, for when the processors are busy; Docker's own is 1024. */
  readonly cpuShares: number;
  /** MiB of /dev/shm. */
  readonly shmSize: number;
}

/** Docker's own, for those that share no memory between processes. */
const littleShared = 64;

/** MiB: with a thousand clients of each PgBouncer, all of them TLS, it has some 90. */
const proxyMemory = 256;
/** MiB: a member has some 30; its database, of at most 2 GiB, is in the page cache, which gives way. */
const etcdMemory = 512;
/** MiB: Python with some connections has 15. */
const sentinelMemory = 256;

/** @param instanceMemory MiB of one instance */
export function limitsOf(kind: PartKind, instanceMemory: number): PartLimits {
  switch (kind) {
    case "pg":
      // What processes of a parallel query share. Where it ends the query fails, where all memory ends all sessions do.
      return limits(instanceMemory, 1024, Math.floor(instanceMemory / 2));
    case "proxy":
      return limits(proxyMemory, 1024);
    // Little work that is waited for: the leader's lock is renewed every second, and whoever is late is replaced.
    case "etcd":
      return limits(etcdMemory, 2048);
    case "sentinel":
      return limits(sentinelMemory, 2048);
  }
}

function limits(memory: number, cpuShares: number, shmSize = littleShared): PartLimits {
  return { memory, memorySwap: memory, cpuShares, shmSize };
}
