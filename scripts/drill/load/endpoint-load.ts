import type { Connection } from "../../../lib/connection.ts";
import { now, pause } from "../clock.ts";
import { insertSql, writtenTable } from "../drill-schema.ts";
import { acknowledge, type Journal } from "../journal.ts";
import { DeadlineClient, isReplicaRefusal } from "./deadline-client.ts";

const everyMs = 20;

/** Inserts a row every 20 ms until the signal, one at a time, and notes what it was told of each. */
export async function writeSteadily(
  rw: Connection,
  journal: Journal,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  const client = new DeadlineClient(rw, number - 1);
  const source = `rw-${number}`;
  while (!signal.aborted) {
    const begin = now();
    try {
      await client.connect();
      const attempt = journal.send(source);
      try {
        const row = await client.query(insertSql, [attempt.id, source]);
        acknowledge(attempt, Number(row?.["timeline"]));
      } catch (error) {
        if (isReplicaRefusal(error)) attempt.outcome = "refused";
        throw error;
      }
    } catch {
      client.drop();
    }
    await pause(everyMs - (now() - begin), signal);
  }
  client.drop();
}

/** Reads every 20 ms until the signal, and notes when there was an answer. */
export async function readSteadily(
  ro: Connection,
  times: number[],
  number: number,
  signal: AbortSignal,
): Promise<void> {
  const client = new DeadlineClient(ro, number - 1);
  while (!signal.aborted) {
    const begin = now();
    try {
      await client.connect();
      await client.query(`SELECT id FROM ${writtenTable} LIMIT 1`);
      times.push(now());
    } catch {
      client.drop();
    }
    await pause(everyMs - (now() - begin), signal);
  }
  client.drop();
}
