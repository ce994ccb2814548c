import type { Fault } from "../../../lib/errors.ts";

/** What a check makes of untrusted inputs. */
export interface Parsed<Spec> {
  /** Absent when there are faults, or values that are not known yet. */
  readonly spec?: Spec;
  readonly faults: readonly Fault[];
}
