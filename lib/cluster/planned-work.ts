import { hostname } from "node:os";
import { z } from "zod";
import { plannedKey } from "../cluster-config/etcd-users.ts";
import { messageOf, UserError } from "../errors.ts";
import type { Executed, StackContainers } from "./stack-containers.ts";

const leaseSeconds = 60;
const renewEveryMs = 15_000;

const note = z.object({ what: z.string(), by: z.string() });
type Note = z.infer<typeof note>;

/** Every call gives up before long: an etcd without a majority answers nothing. */
const etcdctl = "etcdctl --command-timeout=3s --dial-timeout=1s";

// Prints MINE and the lease, or THEIRS, the lease, its seconds left and the value.
const acquireScript = `
  ctl() { ${etcdctl} "$@"; }
  lease=$(ctl lease grant "$2") || exit 1
  lease=\${lease#lease }; lease=\${lease%% *}
  told=$(printf 'create("%s") = "0"\\n\\nput %s %s --lease=%s\\n\\n\\n' "$1" "$1" "$3" "$lease" | ctl txn) || exit 1
  if [[ $told == SUCCESS* ]]; then echo "MINE $lease"; exit; fi
  ctl lease revoke "$lease" >/dev/null
  other=$(ctl get "$1" --write-out=fields | sed -n 's/^"Lease" : //p')
  other=$(printf '%x' "\${other:-0}")
  left=$(ctl lease timetolive "$other" | sed -n 's/.*remaining(\\([0-9-]*\\)s).*/\\1/p')
  echo "THEIRS $other \${left:-0} $(ctl get "$1" --print-value-only)"`;

/** The containers as they are now: a roll replaces those of etcd too. */
export type Containers = () => Promise<StackContainers>;

/**
 * Planned work under way, told to everybody by a key that expires when this process dies. Ends with `end`, or
 * when it is disposed of.
 */
export class PlannedWork implements AsyncDisposable {
  readonly #containers: Containers;
  readonly #value: string;
  readonly #timer: NodeJS.Timeout;
  #lease: string;

  private constructor(containers: Containers, value: string, lease: string) {
    this.#containers = containers;
    this.#value = value;
    this.#lease = lease;
    this.#timer = setInterval(() => void this.#renew(), renewEveryMs).unref();
  }

  /**
   * Undefined when etcd takes no key, for it has no majority: then there is nobody to be told, and repairs must
   * go on.
   * @throws UserError `planned-work` when somebody else's is under way
   */
  static async begin(containers: Containers, what: string): Promise<PlannedWork | undefined> {
    const value = JSON.stringify({ what, by: whoami() } satisfies Note);
    for (;;) {
      const told = await acquire(await containers(), value);
      if (told === undefined) return undefined;
      if (told.isMine) return new PlannedWork(containers, value, told.lease);
      const other = parseNote(told.value);
      if (!isDeadHere(other.by)) throw underWay(other, told.secondsLeft);
      // It was killed, and cannot take its key back.
      await onEtcd(await containers(), ["bash", "-c", `${etcdctl} lease revoke "$1"`, "bash", told.lease]);
    }
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    const command = ["bash", "-c", `${etcdctl} lease revoke "$1"`, "bash", this.#lease];
    // What cannot be told now expires by itself.
    await onEtcd(await this.#containers(), command).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #renew(): Promise<void> {
    try {
      const command = `${etcdctl} lease keep-alive --once "$1"`;
      const kept = await onEtcd(await this.#containers(), ["bash", "-c", command, "bash", this.#lease]);
      if (kept?.code === 0 && !kept.stdout.includes("expired")) return;
      // The host slept, or etcd was away for long.
      const told = await acquire(await this.#containers(), this.#value);
      if (told?.isMine) this.#lease = told.lease;
    } catch {
      // The next time; until the lease ends there are three.
    }
  }
}

interface Acquired {
  readonly isMine: boolean;
  readonly lease: string;
  readonly secondsLeft: number;
  readonly value: string;
}

async function acquire(containers: StackContainers, value: string): Promise<Acquired | undefined> {
  // Quoted once more, for etcdctl's own language.
  const values = [plannedKey, String(leaseSeconds), JSON.stringify(value)];
  const done = await onEtcd(containers, ["bash", "-c", acquireScript, "bash", ...values]);
  return done && parseAcquired(done.stdout);
}

/** What the script has printed; exported for its test. */
export function parseAcquired(stdout: string): Acquired | undefined {
  const [, mine] = /^MINE (\w+)/m.exec(stdout) ?? [];
  if (mine !== undefined) return { isMine: true, lease: mine, secondsLeft: leaseSeconds, value: "" };
  const [, lease, left, value = ""] = /^THEIRS (\w+) (-?\d+) (.*)/m.exec(stdout) ?? [];
  return lease === undefined ? undefined : { isMine: false, lease, secondsLeft: Number(left), value };
}

/** By the first member that can; undefined when none can. */
async function onEtcd(
  containers: StackContainers,
  command: readonly string[],
): Promise<Executed | undefined> {
  for (const member of containers.parts("etcd")) {
    const done = await containers.run(member, command).catch(() => undefined);
    if (done?.code === 0) return done;
  }
  return undefined;
}

function underWay({ what, by }: Note, secondsLeft: number): UserError {
  const seconds = Math.max(secondsLeft, 1);
  return new UserError(
    "planned-work",
    `other planned work is under way: ${what}, by ${by}`,
    `Wait until it has ended. Should it have been killed, its mark in etcd expires in ${seconds} s.`,
  );
}

function parseNote(value: string): Note {
  try {
    return note.parse(JSON.parse(value));
  } catch (error) {
    return { what: `something unreadable (${messageOf(error)})`, by: "somebody" };
  }
}

function whoami(): string {
  return `process ${process.pid} on ${hostname()}`;
}

/** Whether it is a process of this host that is no more. */
export function isDeadHere(by: string): boolean {
  const [, pid, host] = /^process (\d+) on (.*)$/.exec(by) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
