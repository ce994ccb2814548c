import type { Address } from "../connection.ts";
import { messageOf } from "../errors.ts";
import { quoteIdentifier, quoteLiteral } from "../identifier.ts";
import { eventually } from "../poll.ts";
import { matchesScramVerifier, verifierFor } from "../scram.ts";
import { PatroniClient } from "./patroni-client.ts";
import { PooledSessions, type PooledLogin } from "./pooled-sessions.ts";
import { StackContainers } from "./stack-containers.ts";
import { SuperuserSession } from "./superuser-session.ts";
import type { WorkLimits } from "./work-limits.ts";

/** Passwords by role, and what is needed for nobody to notice that they change. */
export interface WantedPasswords {
  readonly passwords: Readonly<Record<string, string>>;
  /** Those before, as far as they are known. Without one, it may be in force already, set by an update that was cut off. */
  readonly previous: Readonly<Record<string, string>>;
  /** Every port on which a pooler listens. */
  readonly poolers: readonly Address[];
  /** The authorities of a stack with TLS, as PEM. */
  readonly ca?: string | undefined;
}

/** Clients of `ro` that need a connection wait meanwhile; the pooler gives up after 30 seconds. */
const replayWithinMs = 15_000;
const askSeconds = 5;

/**
 * Gives roles their passwords, all at once, as verifiers, over the local socket of the primary. Sessions go on, and
 * clients of the poolers see no error. Cut off at any moment, it can be done again.
 * @throws UserError `timeout` with what was last seen
 */
export async function setPasswords(
  stack: string,
  wanted: WantedPasswords,
  limits: WorkLimits,
): Promise<void> {
  const { withinMs, signal } = limits;
  const roles = Object.keys(wanted.passwords).join(", ");
  const what = `a primary that takes the passwords of ${roles}`;
  await eventually({ what, withinMs, signal, everyMs: 200 }, async (observe) => {
    const containers = await StackContainers.of(stack);
    const primary = await primaryOf(containers);
    if (primary === undefined) {
      observe("no instance is the primary");
      return undefined;
    }
    await using superuser = await SuperuserSession.open(containers, primary, Math.ceil(withinMs / 1000));
    await using pooled = await PooledSessions.open(await pooledLogins(superuser, wanted));
    const [lsn = ""] = await superuser.run(...passwordStatements(wanted.passwords));
    await awaitReplay(superuser, lsn, limits);
    for (const fault of await pooled.learn()) limits.warn(`a pooler has not learnt a new password: ${fault}`);
    return true;
  });
}

/** All of them in one transaction; then where it stands in the WAL. Exported for tests. */
export function passwordStatements(passwords: WantedPasswords["passwords"]): readonly string[] {
  return [
    "BEGIN",
    ...Object.entries(passwords).map(([role, password]) => {
      return `ALTER ROLE ${quoteIdentifier(role)} PASSWORD ${quoteLiteral(verifierFor(role, password))}`;
    }),
    "COMMIT",
    "SELECT pg_current_wal_flush_lsn()",
  ];
}

/** Those of `passwords` that the server has, as one instance says. @throws Error when none answers */
export async function passwordsInForce(
  stack: string,
  passwords: WantedPasswords["passwords"],
): Promise<WantedPasswords["passwords"]> {
  const containers = await StackContainers.of(stack);
  const names = Object.keys(passwords).map(quoteLiteral).join(", ");
  const sql = `SELECT rolname || ' ' || coalesce(rolpassword, '') FROM pg_authid WHERE rolname IN (${names})`;
  const rows = await askAny(containers, sql);
  const isInForce = ([role, password]: readonly [string, string]): boolean =>
    rows.some(
      (row) => row.startsWith(`${role} `) && matchesScramVerifier(password, row.slice(role.length + 1)),
    );
  return Object.fromEntries(Object.entries(passwords).filter(isInForce));
}

async function askAny(containers: StackContainers, sql: string): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const instance of containers.parts("pg")) {
    try {
      await using superuser = await SuperuserSession.open(containers, instance, askSeconds);
      return await superuser.run(sql);
    } catch (error) {
      reasons.push(`${instance}: ${messageOf(error)}`);
    }
  }
  throw new Error(reasons.join("; ") || "no instance runs");
}

async function primaryOf(containers: StackContainers): Promise<string | undefined> {
  const states = await new PatroniClient(containers).states();
  const [primary] = [...states].filter(([, state]) => {
    return state?.role === "primary" && state.state === "running";
  });
  return primary?.[0];
}

/** Each role in each database that it may connect to, by each pooler. */
async function pooledLogins(
  superuser: SuperuserSession,
  { passwords, previous, poolers, ca }: WantedPasswords,
): Promise<readonly PooledLogin[]> {
  const logins: PooledLogin[] = [];
  for (const [user, next] of Object.entries(passwords)) {
    if (poolers.length === 0) continue;
    const old = previous[user] ?? next;
    const databases = await superuser.run(
      "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate " +
        `AND has_database_privilege(${quoteLiteral(user)}, oid, 'CONNECT')`,
    );
    for (const address of poolers) {
      for (const database of databases) {
        logins.push({ connection: { ...address, database, user, ca }, passwords: [old, next] });
      }
    }
  }
  return logins;
}

/** A replica that has not heard of it yet would turn away who comes with the new password. */
async function awaitReplay(superuser: SuperuserSession, lsn: string, limits: WorkLimits): Promise<void> {
  const sql =
    "SELECT application_name FROM pg_stat_replication " +
    `WHERE state = 'streaming' AND replay_lsn < ${quoteLiteral(lsn)}::pg_lsn`;
  const deadline = { what: "every replica to replay", withinMs: replayWithinMs, signal: limits.signal };
  const end = Date.now() + replayWithinMs;
  await eventually({ ...deadline, everyMs: 20 }, async () => {
    const late = await superuser.run(sql);
    if (late.length === 0) return true;
    if (Date.now() < end - 1000) return undefined;
    limits.warn(`${late.join(", ")} lags, and takes the old passwords until it has caught up`);
    return true;
  });
}
