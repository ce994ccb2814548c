import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ddlCases, outcomeOf } from "../../helpers/ddl-case.ts";

// UPDATE_FIXTURES=1 writes what comes out instead of comparing: to be read before it is committed.
const isUpdate = process.env["UPDATE_FIXTURES"] === "1";

describe("plans, a folder a case", () => {
  for (const subject of ddlCases()) {
    test(subject.name.replaceAll("-", " "), () => {
      const { file, text } = outcomeOf(subject);
      const path = join(subject.folder, file);
      if (isUpdate) writeFileSync(path, text);
      const other = join(subject.folder, file === "plan.txt" ? "refusal.txt" : "plan.txt");
      assert.ok(!existsSync(other), `expected ${other}, got ${file}:\n${text}`);
      assert.ok(existsSync(path), `${path} is missing; what came out:\n${text}`);
      assert.equal(text, readFileSync(path, "utf8"));
    });
  }

  test("no case but a removal drops or empties anything of the user's", () => {
    for (const subject of ddlCases()) {
      if (!subject.after) continue;
      const statements = outcomeOf(subject)
        .text.split("\n")
        .filter((line) => /^(DROP|TRUNCATE|DELETE)/.test(line));
      // An index or a sequence holds nothing of the user's: one goes when another has taken its place.
      // A detached partition goes when it is empty, which is looked at under the lock, or when it is given up.
      const isLookedAt = (table: string): boolean =>
        outcomeOf(subject).text.includes(`\nSELECT EXISTS (SELECT 1 FROM ${table});`);
      const isGivenUp = (table: string): boolean =>
        [subject.after?.["allowDataLoss"]]
          .flat()
          .some((target) => target === `partition:${table.split(".")[1]?.replaceAll('"', "") ?? ""}`);
      assert.deepEqual(
        statements.filter((line) => {
          const table = /^DROP TABLE (\S+) RESTRICT;/.exec(line)?.[1];
          if (table !== undefined) return !isLookedAt(table) && !isGivenUp(table);
          return !/^DROP (INDEX|SEQUENCE)/.test(line);
        }),
        [],
        subject.name,
      );
    }
  });
});
