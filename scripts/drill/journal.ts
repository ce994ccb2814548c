import { now } from "./clock.ts";

/** One insert that was sent, and what its client has seen of it. */
export interface Attempt {
  readonly id: number;
  /** Who sent it: `rw-1` a client of the endpoint, `pg-2` one of that instance alone. */
  readonly source: string;
  /** The instance, when the client can only have reached that one. */
  readonly instance?: string | undefined;
  readonly sentAt: number;
  outcome: Outcome;
  /** When the outcome was known. */
  endedAt?: number;
  /** The timeline on which the server that took it was at work. */
  timeline?: number;
}

/**
 * `acknowledged`: the server said that it is committed. `refused`: the server said that it is not. `unknown`: no
 * answer was seen, so it may be there or not.
 */
export type Outcome = "acknowledged" | "refused" | "unknown";

/** An insert that a server has acknowledged. */
export interface Acknowledged {
  readonly id: number;
  readonly source: string;
  readonly instance?: string | undefined;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly timeline: number;
}

/** Ids are given once in the life of a drill, whoever sends them. */
export class IdSource {
  #last = 0;

  /** The last that was given. */
  get last(): number {
    return this.#last;
  }

  next(): number {
    return ++this.#last;
  }
}

/** What was sent in one round. */
export class Journal {
  readonly attempts: Attempt[] = [];
  readonly #ids: IdSource;

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  /** Called before the insert is sent: what is never answered is in the journal all the same. */
  send(source: string, instance?: string): Attempt {
    const attempt: Attempt = { id: this.#ids.next(), source, instance, sentAt: now(), outcome: "unknown" };
    this.attempts.push(attempt);
    return attempt;
  }

  acknowledged(): Acknowledged[] {
    const found: Acknowledged[] = [];
    for (const { id, source, instance, sentAt, outcome, endedAt, timeline } of this.attempts) {
      if (outcome !== "acknowledged" || endedAt === undefined || timeline === undefined) continue;
      found.push({ id, source, instance, sentAt, endedAt, timeline });
    }
    return found;
  }

  /** When clients of the endpoint rw were told that a row is committed, in order. */
  writeTimes(source?: string): number[] {
    return this.acknowledged()
      .filter((row) => row.instance === undefined && (source === undefined || row.source === source))
      .map(({ endedAt }) => endedAt)
      .sort((a, b) => a - b);
  }

  /** The clients of the endpoint rw. */
  writers(): string[] {
    return [
      ...new Set(this.attempts.filter((row) => row.instance === undefined).map(({ source }) => source)),
    ];
  }
}

/** Called with what the server answered. */
export function acknowledge(attempt: Attempt, timeline: number): void {
  attempt.outcome = "acknowledged";
  attempt.timeline = timeline;
  attempt.endedAt = now();
}
