import type { Report } from "./run-tool.ts";

/** One thing that has to be on this machine. */
export interface Step {
  /** Shown to the user, and unique. */
  readonly title: string;
  /** How it is got when it is missing, for `doctor`. */
  readonly way: string;
  /** What is there already, in a few words; undefined when it has to be got. Starts no downloads. */
  find(): Promise<string | undefined>;
  /** Gets it; when done, `find` finds it. @throws UserError */
  get(report: Report, waitFor: WaitFor): Promise<void>;
}

/**
 * Waits until another step of the same run has ended; at once when there is nothing to wait for. Rejects when
 * that step has failed.
 */
export type WaitFor = (title: string) => Promise<void>;
