import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { kindOf } from "./column-details.ts";
import { mayRewrite, ofTable, sequenceIn, sequenceQuestion, sizeOf, tableNow } from "./column-questions.ts";
import { Overrides } from "./overrides.ts";
import { sizeQuestion, versionIn, versionQuestion, type Question } from "./question.ts";
import { atLength, briefly, quickly, type Statement, type TableName } from "./statement.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";
import { integerBehind } from "./type-name.ts";
import type { WantedColumn } from "./wanted-column.ts";

/** Where a column's value comes from when none is given. */
type Source = "default" | "serial" | "identity" | "generated";

function sourceOf({ type, identity, generated }: WantedColumn | ColumnCatalog): Source {
  if (integerBehind(type) !== undefined) return "serial";
  if (identity !== undefined) return "identity";
  return generated === undefined ? "default" : "generated";
}

export function valueQuestions(
  change: NamedChange,
  there: ColumnCatalog,
  wanted: WantedColumn,
): readonly Question[] {
  const table = tableNow(change);
  const [from, to] = [sourceOf(there), sourceOf(wanted)];
  const isOther =
    there.generated !== wanted.generated || (there.isVirtual ?? false) !== (wanted.isVirtual ?? false);
  const isIdentityOther = there.identity !== wanted.identity;
  return [
    ...(isOther || isIdentityOther ? [versionQuestion] : []),
    ...(isOther || (isIdentityOther && to === "identity") ? [sizeQuestion(table)] : []),
    ...(from === "serial" && to !== "serial" ? [sequenceQuestion(table, change.nameNow(wanted.name))] : []),
  ];
}

/**
 * Default, identity, serial and generated, from any to any where the server knows a way.
 * @param isTyped whether the change of the column's type has taken the default along
 */
export function planValue(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
  isTyped: boolean,
): void {
  const [from, to] = [sourceOf(there), sourceOf(wanted)];
  if (from === "generated" || to === "generated") {
    if (from === to) planExpression(part, change, path, there, wanted);
    else if (from === "generated") planUngenerated(part, change, path, there, wanted);
    else {
      part.refuse({
        path: `${path}.generated`,
        from: "an ordinary column",
        to: `GENERATED ALWAYS AS (${wanted.generated ?? ""})`,
        why: "PostgreSQL cannot make a column that is there a generated one",
        hint: "Declare a generated column of another name beside it, and drop this one in a later update.",
      });
    }
    return;
  }
  if (to === "serial" && from !== "serial") {
    part.refuse({
      path: `${path}.type`,
      from: there.type,
      to: wanted.type,
      why: "serial stands for a new column with a sequence of its own",
      hint: `Choose type ${integerBehind(wanted.type) ?? "integer"} with identity: "by default", which numbers rows just so.`,
    });
    return;
  }
  if (from === "identity" || to === "identity" || from !== to)
    planSource(part, change, path, there, wanted, isTyped);
  else if (from === "default") planDefault(part, change, path, there, wanted, isTyped);
}

function planDefault(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
  isTyped: boolean,
): void {
  if (there.default === wanted.default) return;
  part.change(`${path}.default`, kindOf(there.default, wanted.default));
  if (isTyped && there.default !== undefined) return;
  alter(
    part,
    change,
    wanted,
    wanted.default === undefined ? "DROP DEFAULT" : `SET DEFAULT (${wanted.default})`,
  );
  if (wanted.default !== undefined) {
    part.warn(`${wanted.name}: rows that are there keep what they have; the new default is for rows to come`);
  }
}

/** One of serial, identity and default to another. */
function planSource(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
  isTyped: boolean,
): void {
  const { name } = wanted;
  const [from, to] = [sourceOf(there), sourceOf(wanted)];
  if (from === "identity" && to === "identity") {
    if (there.identity === wanted.identity || wanted.identity === undefined) return;
    part.change(`${path}.identity`);
    alterIdentity(part, change, wanted, `SET GENERATED ${wanted.identity.toUpperCase()}`);
    return;
  }
  if (from === "serial") part.change(`${path}.type`);
  if (from === "identity") {
    part.change(`${path}.identity`, "delete");
    alterIdentity(part, change, wanted, "DROP IDENTITY");
  }
  const sequence =
    from === "serial" ? sequenceIn(change.answers, tableNow(change), change.nameNow(name)) : undefined;
  if (to === "identity" && wanted.identity !== undefined) {
    part.change(`${path}.identity`, "add");
    if (there.default !== undefined) part.change(`${path}.default`, "delete");
    if (from === "serial" && !sequence) {
      part.refuse({
        path: `${path}.identity`,
        from: there.type,
        to: `identity ${wanted.identity}`,
        why: "the sequence that numbers the rows now could not be found out",
        hint: "Run the preview again when the server answers.",
      });
      return;
    }
    // After NOT NULL, which an identity needs.
    part.alone("finish", ...identityStatements(change, there, wanted, sequence, isTyped));
    return;
  }
  if (wanted.default !== undefined) part.change(`${path}.default`, "add");
  const isLeft = from === "serial" && wanted.default === undefined;
  if (isLeft) alter(part, change, wanted, "DROP DEFAULT");
  if (wanted.default !== undefined) alter(part, change, wanted, `SET DEFAULT (${wanted.default})`);
  if (from === "serial") {
    part.warn(`${name}: the sequence of the serial column stays with it, unused, until the column goes`);
  }
}

/** The identity goes on where the rows, and the sequence before it, have got to. */
function identityStatements(
  change: PlannedChange,
  there: ColumnCatalog,
  wanted: WantedColumn,
  former: TableName | undefined,
  isTyped: boolean,
): readonly Statement[] {
  const { sql: table, on, rest } = ofTable(change);
  const column = quoteIdentifier(wanted.name);
  const hasDefault = former !== undefined || (there.default !== undefined && !isTyped);
  const begins = change.live.primaryKey?.columns[0] === wanted.name;
  const identity = `
    SELECT d.objid::regclass FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
       AND d.refobjid = ${literal(table)}::regclass AND a.attname = ${literal(wanted.name)}`.replaceAll(
    /\s+/g,
    " ",
  );
  const old = former && `${quoteIdentifier(former.schema)}.${quoteIdentifier(former.name)}`;
  const reached = [
    `(SELECT pg_catalog.max(${column}) FROM ${table})`,
    ...(old === undefined ? [] : [`(SELECT last_value FROM ${old})`]),
  ];
  const next = `greatest(${["0", ...reached].join(", ")}) + 1`;
  return [
    ...(hasDefault ? [briefly(`ALTER TABLE ${table} ALTER COLUMN ${column} DROP DEFAULT`, on, rest)] : []),
    identityStatement(
      change,
      wanted,
      `ADD GENERATED ${(wanted.identity ?? "always").toUpperCase()} AS IDENTITY`,
    ),
    atLength(`SELECT pg_catalog.setval((${identity.trim()}), ${next}, false)`, {
      // The first of a key's columns has its greatest value at the end of the index.
      ...(!begins && { scans: true, ...sizeOf(change) }),
      hazards: [],
    }),
    ...(old === undefined
      ? []
      : [quickly(`DROP SEQUENCE ${old}`, { locks: [{ mode: "ACCESS EXCLUSIVE", on: former ?? on }] })]),
  ];
}

/** An identity reaches the partitions from PostgreSQL 17 on. */
function identityStatement(change: PlannedChange, { name }: WantedColumn, command: string): Statement {
  const { sql: table, on, rest } = ofTable(change);
  const withPartitions = rest.withPartitions && versionIn(change.answers) >= 170_000;
  return briefly(`ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(name)} ${command}`, on, {
    withPartitions,
  });
}

function alterIdentity(
  part: PartBuilder,
  change: PlannedChange,
  wanted: WantedColumn,
  command: string,
): void {
  part.quick("alter", identityStatement(change, wanted, command));
}

/** Another expression of a generated column. */
function planExpression(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  const [was, is] = [there.isVirtual ?? false, wanted.isVirtual ?? false];
  const again = `Declare it without the column in one update and with it in the next: its values are computed anew. It is gone in between.`;
  if (was !== is) {
    const word = (isVirtual: boolean): string => (isVirtual ? "computed when read" : "stored");
    part.refuse({
      ...{ path: `${path}.isVirtual`, from: word(was), to: word(is) },
      why: "PostgreSQL cannot change where a generated column's values are",
      hint: again,
    });
    return;
  }
  if (there.generated === wanted.generated || wanted.generated === undefined) return;
  const says = { path: `${path}.generated`, from: there.generated ?? "", to: wanted.generated };
  if (versionIn(change.answers) < 170_000) {
    part.refuse({
      ...says,
      why: "PostgreSQL changes the expression of a generated column from version 17 on",
      hint: again,
    });
    return;
  }
  if (!is && !mayRewrite(change, wanted.name)) {
    part.refuse({
      ...says,
      why: "the values of every row would be computed anew under a lock that stops reads and writes",
      hint: `${Overrides.hint("allowRewrite", `column:${wanted.name}`)} to do so.`,
    });
    return;
  }
  part.change(says.path);
  const { sql: table, on, rest } = ofTable(change);
  const sql = `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(wanted.name)} SET EXPRESSION AS (${wanted.generated})`;
  if (is) part.quick("alter", briefly(sql, on, rest));
  else {
    const { locks } = briefly(sql, on, rest);
    part.alone("alter", atLength(sql, { locks, rewrites: true, ...sizeOf(change) }));
  }
}

/** The computed values stay, as those of an ordinary column. */
function planUngenerated(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  if (there.isVirtual === true) {
    part.refuse({
      path: `${path}.generated`,
      from: `GENERATED ALWAYS AS (${there.generated ?? ""}) VIRTUAL`,
      to: "an ordinary column",
      why: "the values of a virtual column are nowhere, so that none would stay",
      hint: "Declare an ordinary column of another name, fill it, and drop this one in a later update.",
    });
    return;
  }
  part.change(`${path}.generated`, "delete");
  alter(part, change, wanted, "DROP EXPRESSION");
  if (wanted.default !== undefined) {
    part.change(`${path}.default`, "add");
    alter(part, change, wanted, `SET DEFAULT (${wanted.default})`);
  }
}

function alter(part: PartBuilder, change: PlannedChange, { name }: WantedColumn, command: string): void {
  const { sql: table, on, rest } = ofTable(change);
  part.quick(
    "alter",
    briefly(`ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(name)} ${command}`, on, rest),
  );
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
