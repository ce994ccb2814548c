import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseSentinelLog } from "../../../scripts/drill/sentinel-log.ts";
import { buildTimeline, type Observed } from "../../../scripts/drill/timeline.ts";

const faultAt = Date.parse("2026-11-25T06:00:00.000Z");
const at = (seconds: number): number => faultAt + seconds * 1000;

const observed: Observed = {
  faultAt,
  endAt: at(10),
  fault: "fault: freeze of pg-1",
  hit: ["pg-1"],
  primary: "pg-1",
  sentinel: parseSentinelLog(`not a line of JSON
{"time": "2026-11-25T05:59:59.000Z", "event": "silent", "part": "pg-1"}
{"time": "2026-11-25T06:00:02.000Z", "event": "fencing", "part": "pg-1", "leaseAgeSeconds": Infinity}
{"time": "2026-11-25T06:00:02.500Z", "event": "fenced", "part": "pg-1"}
{"time": "2026-11-25T06:00:02.600Z", "event": "died", "part": "pg-1"}
{"time": "2026-11-25T06:00:02.700Z", "event": "stands-back", "part": "pg-2", "why": "etcd has no majority"}`),
  containers: [{ at: at(3), part: "pg-1", action: "start" }],
  roles: [
    { instance: "pg-1", role: "primary", at: at(-5) },
    { instance: "pg-2", role: "replica", at: at(-5) },
    { instance: "pg-1", role: "silent", at: at(1) },
    { instance: "pg-2", role: "primary", at: at(4) },
    { instance: "pg-1", role: "replica", at: at(7) },
  ],
  writes: [at(-0.02), at(4.5), at(4.52), at(9.9)]
    .concat([at(5), at(6), at(7), at(8), at(9)])
    .sort((a, b) => a - b),
  reads: [at(-0.1), at(0.1), at(0.3), at(9.9)],
  done: [{ at: at(7.5), what: "connected pg-1 to its networks" }],
  wholeAt: at(8),
};

describe("a timeline", () => {
  test("has what was seen of a fault in its order, and nothing from before it", () => {
    const { moments, writeGap } = buildTimeline(observed);
    assert.deepEqual(
      moments.map(({ seconds, what }) => `${seconds.toFixed(2)} ${what}`),
      [
        "0.00 fault: freeze of pg-1",
        "2.00 detected: pg-1 fencing",
        "2.50 fenced: pg-1 is stopped for certain",
        "2.70 sentinel stands-back: pg-2 etcd has no majority",
        "3.00 started: pg-1",
        "4.00 promoted: pg-2",
        "4.50 first write",
        "7.00 rejoined: pg-1",
        "7.50 the drill: connected pg-1 to its networks",
        "8.00 whole",
        "9.90 first read",
      ],
    );
    assert.deepEqual(writeGap, { from: at(-0.02), to: at(4.5) });
  });

  test("lacks what no sentinel tells, and first writes where none was missing", () => {
    const writes = Array.from({ length: 100 }, (_, each) => at(each / 10 - 0.05));
    const { moments } = buildTimeline({ ...observed, sentinel: [], writes, reads: writes });
    const words = moments.map(({ what }) => what).join("; ");
    assert.doesNotMatch(words, /detected|fenced|first/);
  });
});
