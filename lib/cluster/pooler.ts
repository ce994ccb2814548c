import type { PooledEndpoint } from "../cluster-config/pgbouncer.ts";
import { poolerRole, proxyPorts, routerControlPort } from "../cluster-config/topology.ts";
import { messageOf, UserError } from "../errors.ts";
import type { ContainerSession } from "./container-session.ts";
import type { StackContainers } from "./stack-containers.ts";

/**
 * Runs in a proxy's container and does what it is told, a word a line; answers `done`, or what went wrong. All
 * processes start before the pause. However it ends, transactions go on: when its input ends, when the time is over.
 */
const script = `
  within=$1 most=$2 console=$3 user=$4 control=$5 paused=
  coproc psql { exec psql -X -q -A -t -h /tmp -p "$console" -U "$user" pgbouncer 2>&1; }
  client=$psql_PID
  say() { # say SECONDS [SQL]: the answer's first line, or done
    printf '%s\\n' "\${2:-}" '\\echo done' >&"\${psql[1]}"
    read -r -t "$1" answer <&"\${psql[0]}" || answer=busy
  }
  route() { # route COMMAND: to HAProxy, whose own checks would find out later
    { exec 3<>"/dev/tcp/127.0.0.1/$control"; } 2>/dev/null || return 1
    printf '%s\\n' "$1" >&3
    read -r -t 1 <&3
    exec 3>&-
  }
  finish() {
    if [[ $paused ]]; then
      [[ $answer == done ]] && say 5 'RESUME;'
      if [[ $answer != done ]]; then
        kill "$client"
        psql -X -q -h /tmp -p "$console" -U "$user" -c RESUME pgbouncer
      fi
    fi
    kill "$client"
  } >/dev/null 2>&1
  trap finish EXIT
  trap 'exit 1' TERM HUP INT
  say 5
  echo "$answer"
  while read -r -t $((SECONDS < most ? most - SECONDS : 1)) word rest; do
    case $word in
      pause) paused=yes; say "$within" 'PAUSE;'; echo "$answer" ;;
      route) route "$rest"; echo done ;;
    esac
  done`;

export interface HoldLimits {
  /** How long transactions in progress may take to end. */
  readonly waitSeconds: number;
  /** After so long they go on, whatever happens. */
  readonly atMostSeconds: number;
}

/**
 * Transactions of one endpoint held back in every PgBouncer: those in progress end, new ones wait, and no client
 * is told anything. They go on when it is disposed of, and when this process dies.
 */
export class HeldTransactions implements AsyncDisposable {
  readonly #sessions: ReadonlyMap<string, ContainerSession>;
  readonly #waitSeconds: number;

  private constructor(sessions: ReadonlyMap<string, ContainerSession>, waitSeconds: number) {
    this.#sessions = sessions;
    this.#waitSeconds = waitSeconds;
  }

  /** Makes everything ready; nothing is held back yet. Proxies that do not run hold nothing and are passed over. */
  static async prepare(
    containers: StackContainers,
    endpoint: PooledEndpoint,
    { waitSeconds, atMostSeconds }: HoldLimits,
  ): Promise<HeldTransactions> {
    const values = [waitSeconds, atMostSeconds, proxyPorts[endpoint], poolerRole, routerControlPort].map(
      String,
    );
    const sessions = await Promise.all(
      containers.parts("proxy").map(async (proxy) => {
        const session = await containers.open(proxy, ["bash", "-c", script, "bash", ...values]);
        return [proxy, session] as const;
      }),
    );
    const held = new HeldTransactions(new Map(sessions), waitSeconds);
    try {
      await held.#each((session) => session.expect("done"));
      return held;
    } catch (error) {
      await held[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @throws UserError `busy` when transactions go on for longer than allowed */
  async pause(): Promise<void> {
    await this.#each(async (session) => {
      session.tell("pause");
      const heard = await session.hear();
      if (heard === "done") return;
      if (heard !== "busy") throw new Error(heard ?? "its container has gone");
      throw new UserError(
        "busy",
        `transactions have been going on for more than ${this.#waitSeconds} s; nothing was changed`,
        "See them in pg_stat_activity, end them or wait, and try again; or raise --wait.",
      );
    });
  }

  /** Tells HAProxy at once what its next checks would. */
  async route(backend: "primary" | "replicas", instance: string, health: "up" | "down"): Promise<void> {
    await this.#each(async (session) => {
      session.tell(`route set server ${backend}/${instance} health ${health}`);
      await session.expect("done");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
  }

  async #each(work: (session: ContainerSession) => Promise<void>): Promise<void> {
    await Promise.all(
      [...this.#sessions].map(async ([proxy, session]) => {
        try {
          await work(session);
        } catch (error) {
          if (error instanceof UserError && error.code === "busy") throw error;
          throw new UserError(
            "pooler",
            `PgBouncer of ${proxy} does not hold transactions: ${messageOf(error)}`,
          );
        }
      }),
    );
  }
}
