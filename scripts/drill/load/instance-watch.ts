import { now, pause } from "../clock.ts";
import { insertSql } from "../drill-schema.ts";
import { acknowledge, type Journal } from "../journal.ts";
import type { InstanceTarget } from "../targets.ts";
import { DeadlineClient, isReplicaRefusal } from "./deadline-client.ts";

export type Role = "primary" | "replica" | "silent";

/** An instance has begun to be something else. */
export interface RoleChange {
  readonly instance: string;
  readonly role: Role;
  readonly at: number;
}

const everyMs = 100;

/**
 * Asks one instance all the time what it is, by its own port, and tries to commit a row there. So a second
 * primary that takes writes cannot stay unseen, whoever the proxies believe it is.
 */
export async function watchInstance(
  { name, writer }: InstanceTarget,
  journal: Journal,
  changes: RoleChange[],
  signal: AbortSignal,
): Promise<void> {
  const client = new DeadlineClient(writer);
  let last: Role | undefined;
  const tell = (role: Role): void => {
    if (role !== last && !signal.aborted) changes.push({ instance: name, role, at: now() });
    last = role;
  };
  while (!signal.aborted) {
    try {
      await client.connect();
      const row = await client.query("SELECT pg_is_in_recovery() AS replica");
      const role = row?.["replica"] === true ? "replica" : "primary";
      tell(role);
      if (role === "primary") {
        const attempt = journal.send(name, name);
        try {
          const answer = await client.query(insertSql, [attempt.id, name]);
          acknowledge(attempt, Number(answer?.["timeline"]));
        } catch (error) {
          if (isReplicaRefusal(error)) attempt.outcome = "refused";
          // It answers, and waits for a replica: that is no silence.
          client.drop();
        }
      }
    } catch {
      tell("silent");
      client.drop();
    }
    await pause(everyMs, signal);
  }
  client.drop();
}
