import { z } from "zod";

/** A line of the sentinel's log, as far as a drill looks at it. */
export interface SentinelEvent {
  /** Milliseconds of the epoch. */
  readonly at: number;
  readonly event: string;
  readonly part: string;
  readonly why?: string | undefined;
}

const line = z.object({
  time: z.iso.datetime(),
  event: z.string(),
  part: z.string().default(""),
  why: z.string().optional(),
});

/** The events in what `docker logs` shows of the sentinel; other lines are passed over. */
export function parseSentinelLog(text: string): SentinelEvent[] {
  const events: SentinelEvent[] = [];
  for (const each of text.split("\n")) {
    const at = each.indexOf("{");
    if (at < 0) continue;
    const parsed = line.safeParse(jsonOf(each.slice(at)));
    if (!parsed.success) continue;
    const { time, event, part, why } = parsed.data;
    events.push({ at: Date.parse(time), event, part, why });
  }
  return events;
}

function jsonOf(text: string): unknown {
  try {
    // Python writes a number for "never" that JSON does not have.
    return JSON.parse(text.replaceAll(/: -?(Infinity|NaN)\b/g, ": null"));
  } catch {
    return undefined;
  }
}
