import { eventually } from "../../../lib/poll.ts";
import { now } from "../clock.ts";
import type { Journal } from "../journal.ts";
import type { Targets } from "../targets.ts";
import { readSteadily, writeSteadily } from "./endpoint-load.ts";
import { watchInstance, type RoleChange } from "./instance-watch.ts";

const writers = 4;
const readers = 2;

/** Writers and readers of the stack's endpoints, and one who asks each instance itself. */
export class Load implements AsyncDisposable {
  readonly journal: Journal;
  /** When a reader had an answer; not quite in order, since there are several. */
  readonly readTimes: number[] = [];
  readonly roleChanges: RoleChange[] = [];
  readonly #end = new AbortController();
  readonly #work: readonly Promise<void>[];

  constructor(targets: Targets, journal: Journal) {
    this.journal = journal;
    const { signal } = this.#end;
    const count = (length: number): number[] => Array.from({ length }, (_, at) => at + 1);
    this.#work = [
      ...count(writers).map((number) => writeSteadily(targets.rw, journal, number, signal)),
      ...count(readers).map((number) => readSteadily(targets.ro, this.readTimes, number, signal)),
      ...targets.instances.map((instance) => watchInstance(instance, journal, this.roleChanges, signal)),
    ];
  }

  /** Whether every writer and the readers had answers all through the last second. */
  isSteady(): boolean {
    const since = now() - 1000;
    return (
      isDense(this.journal.writeTimes(), since) &&
      isDense(this.readTimes, since) &&
      this.journal.writers().length === writers
    );
  }

  async untilSteady(withinMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = { what: "writes and reads to be answered all through a second", withinMs };
    await eventually({ ...deadline, ...(signal && { signal }) }, async () =>
      this.isSteady() ? true : undefined,
    );
  }

  /** The last that an instance was seen as. */
  roleOf(instance: string): RoleChange["role"] | undefined {
    return this.roleChanges.findLast((change) => change.instance === instance)?.role;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#work);
  }
}

/** Whether there was a success in each quarter of the second. */
function isDense(times: readonly number[], since: number): boolean {
  const quarters = new Set<number>();
  for (let at = times.length - 1; at >= 0; at--) {
    const time = times[at] ?? 0;
    // Several clients' times are nearly in order.
    if (time < since - 1000) break;
    if (time >= since) quarters.add(Math.min(3, Math.floor((time - since) / 250)));
  }
  return quarters.size === 4;
}
