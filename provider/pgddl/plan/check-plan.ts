import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { Question } from "./question.ts";
import { atLength, briefly } from "./statement.ts";
import { PartBuilder, type Part, type PlannedChange, type TableChange } from "./table-part.ts";

export function checkQuestions(_change: TableChange): readonly Question[] {
  return [];
}

export function checkPart(change: PlannedChange): Part {
  const { live, wanted, isPartitioned: withPartitions, table: on } = change;
  const part = new PartBuilder(change);
  const table = qualify(on.schema, on.name);
  wanted.checks.forEach(({ name, expression }, at) => {
    const there = live.checks.find((check) => check.name === name);
    const path = `checks[${at}]`;
    const constraint = quoteIdentifier(name);
    if (there && there.expression !== expression) {
      part.refuse({
        path: `${path}.expression`,
        from: there.expression,
        to: expression,
        why: `the constraint ${name} exists with another expression`,
        hint: "Give the new check a name of its own beside the old one.",
      });
      return;
    }
    if (there?.isValidated === true) return;
    part.change(path, there ? "update" : "add");
    if (!there) {
      part.quick(
        "alter",
        briefly(`ALTER TABLE ${table} ADD CONSTRAINT ${constraint} CHECK (${expression}) NOT VALID`, on, {
          withPartitions,
        }),
      );
    }
    // Validated after the commit: the strong lock of ADD is not held while the rows are read.
    part.alone(
      "tighten",
      atLength(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${constraint}`, {
        locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on, ...(withPartitions && { withPartitions }) }],
        scans: true,
      }),
    );
  });
  live.checks.forEach(({ name, expression }, at) => {
    if (wanted.checks.some((check) => check.name === name)) return;
    part.refuse({
      path: `checks[${at}]`,
      from: `${name}: ${expression}`,
      to: "no check",
      why: "this version does not drop constraints",
      hint: `Keep it in the program, or drop it by hand (ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(name)}) and refresh.`,
    });
  });
  return part;
}
