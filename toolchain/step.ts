import type { Report } from "./run-tool.ts";

/** One thing that has to be on this machine. */
export interface Step {
  /** Shown to the user, and unique. */
  readonly title: string;
  /** Steps whose end this one needs, by title. A step that is not in the same run is not waited for. */
  readonly after?: readonly string[];
  /** How it is got when it is missing, for `doctor`. */
  readonly way: string;
  /** What is there already, in a few words; undefined when it has to be got. Starts no downloads. */
  find(): Promise<string | undefined>;
  /** Gets it; when done, `find` finds it. @throws UserError */
  get(report: Report): Promise<void>;
}
