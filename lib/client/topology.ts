import { setTimeout as pause } from "node:timers/promises";
import { DatabaseError } from "pg";
import { fitReplicas, primaryAmong } from "./choose.ts";
import { faultOf, Unavailable } from "./faults.ts";
import type { Instance } from "./instance.ts";

export interface TopologyOptions {
  readonly observeEveryMs: number;
  readonly maxLagBytes: number;
}

/** While nobody is seen to be the primary, everybody is asked this often. */
const eagerMs = 100;

/** The first question goes to all, and nothing is chosen before all have answered, or this long. */
const firstAnswersMs = 500;

/** Which instance is what, as far as is known: each is asked again and again, and at once after a fault. */
export class Topology {
  readonly instances: readonly Instance[];
  readonly #observeEveryMs: number;
  readonly #maxLagBytes: bigint;
  readonly #end = new AbortController();
  readonly #begun: Promise<unknown>;
  #primaryPosition = 0n;

  /** @param makeInstances given what an instance calls when a connection to it was lost */
  constructor(makeInstances: (faulty: () => void) => readonly Instance[], options: TopologyOptions) {
    this.#observeEveryMs = options.observeEveryMs;
    this.#maxLagBytes = BigInt(options.maxLagBytes);
    this.instances = makeInstances(() => {
      this.#askAll();
    });
    const first = this.instances.map(async (instance) => {
      // The first answer takes longer than any after it, and says little of the way.
      for (let times = 0; times < 3; times++) await instance.observe();
    });
    this.#begun = Promise.race([Promise.all(first), this.#pause(firstAnswersMs)]);
    for (const instance of this.instances) void this.#watch(instance);
  }

  /** Until something is known of each instance that answers at all. */
  async begun(): Promise<void> {
    await this.#begun;
  }

  primary(): Instance | undefined {
    return primaryAmong(this.instances);
  }

  fitReplicas(): Instance[] {
    // Of a primary that is lost the last position counts: a replica may not lag behind that either.
    this.#primaryPosition = this.primary()?.state?.position ?? this.#primaryPosition;
    return fitReplicas(this.instances, this.#primaryPosition, this.#maxLagBytes);
  }

  /** What to throw when no instance is fit: a refusal that stays one, such as a wrong password, at once. */
  whyNone(wanted: string): unknown {
    const refused = this.instances.find(({ state, trouble }) => !state && isRefusal(trouble));
    const isAnybodyThere = this.instances.some(({ state }) => state !== undefined);
    if (refused && !isAnybodyThere) return refused.trouble;
    return new Unavailable("elsewhere", `no ${wanted}: ${this.describe()}`);
  }

  describe(): string {
    return this.instances.map((instance) => instance.describe()).join("; ");
  }

  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.instances.map((instance) => instance.close()));
  }

  async #watch(instance: Instance): Promise<void> {
    for (let askedAt = performance.now(); ;) {
      // In small steps: the primary may be lost in the middle of a pause.
      await this.#pause(Math.min(eagerMs, this.#observeEveryMs));
      if (this.#end.signal.aborted) return;
      if (this.primary() && performance.now() - askedAt < this.#observeEveryMs) continue;
      askedAt = performance.now();
      await instance.observe();
    }
  }

  #askAll(): void {
    if (this.#end.signal.aborted) return;
    for (const instance of this.instances) void instance.observe();
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#end.signal, ref: false }).catch(() => undefined);
  }
}

function isRefusal(trouble: unknown): boolean {
  return trouble instanceof DatabaseError && faultOf(trouble) === "final";
}
