import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import { alterColumn, kindOf } from "./column-details.ts";
import { planExpression, planUngenerated } from "./column-generated.ts";
import { ofTable, sequenceIn, sequenceQuestion, sizeOf, tableNow } from "./column-questions.ts";
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
  alterColumn(
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
  if (isLeft) alterColumn(part, change, wanted, "DROP DEFAULT");
  if (wanted.default !== undefined) alterColumn(part, change, wanted, `SET DEFAULT (${wanted.default})`);
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

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
