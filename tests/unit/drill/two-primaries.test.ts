import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { findSecondPrimaries } from "../../../scripts/drill/two-primaries.ts";

let last = 0;
const commit = (timeline: number, sentAt: number, endedAt: number, instance?: string) => ({
  id: ++last,
  timeline,
  sentAt,
  endedAt,
  instance,
});

describe("a second primary", () => {
  test("is none while one reign follows the other", () => {
    const commits = [
      commit(1, 0, 10, "pg-1"),
      commit(1, 20, 30),
      commit(2, 900, 1000, "pg-2"),
      commit(2, 1010, 1020),
    ];
    assert.deepEqual(findSecondPrimaries(commits), []);
  });

  test("is seen when an older timeline takes a row that was sent after a newer one had taken rows", () => {
    const late = commit(1, 2000, 2010, "pg-1");
    const found = findSecondPrimaries([commit(1, 0, 10, "pg-1"), commit(2, 900, 1000, "pg-2"), late]);
    assert.deepEqual(found, [
      {
        id: late.id,
        why: `pg-1 committed ${late.id} on timeline 1, 1.00 s after timeline 2 had begun to take rows`,
      },
    ]);
  });

  test("is not proved by an answer that comes late to what was sent in time", () => {
    assert.deepEqual(findSecondPrimaries([commit(2, 900, 1000, "pg-2"), commit(1, 990, 9000, "pg-1")]), []);
  });

  test("is seen when two instances commit on one timeline, whichever is first", () => {
    const [first, second] = [commit(5, 0, 10, "pg-1"), commit(5, 5, 20, "pg-3")];
    assert.deepEqual(
      findSecondPrimaries([second, first]).map(({ id }) => id),
      [second.id],
    );
  });

  const reigns = fc.array(fc.array(fc.nat(50), { minLength: 1, maxLength: 10 }), {
    minLength: 1,
    maxLength: 5,
  });

  test("property: none in any row of reigns, in whatever order the commits are told; one more betrays itself", () => {
    fc.assert(
      fc.property(reigns, fc.nat(1000), (all, extra) => {
        let clock = 0;
        const commits = all.flatMap((pauses, reign) =>
          pauses.map((pause) => {
            clock += 1 + pause;
            return commit(reign + 1, clock, (clock += 1), `pg-${(reign % 3) + 1}`);
          }),
        );
        assert.deepEqual(findSecondPrimaries(commits.toReversed()), []);
        if (all.length < 2) return;
        const intruder = commit(1, clock + 1 + extra, clock + 2 + extra, "pg-1");
        assert.deepEqual(
          findSecondPrimaries([intruder, ...commits]).map(({ id }) => id),
          [intruder.id],
        );
      }),
    );
  });
});
