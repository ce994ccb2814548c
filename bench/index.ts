import { bringUp, tearDown } from "./bring-up.ts";
import type { Benchmark } from "./harness.ts";
import { noOpUp } from "./no-op-up.ts";

/** Every benchmark, in the order in which they are run. */
export const benchmarks: readonly Benchmark[] = [bringUp, noOpUp, tearDown];

/** What a claim is made from. */
export const defaultRounds = 5;
