import { quoteIdentifier } from "../../../lib/identifier.ts";
import type { ColumnCatalog } from "../catalog.ts";
import {
  conditionsOf,
  conversionOf,
  isRewritten,
  lossOf,
  lossQuestions,
  usingOf,
  valueType,
  type Conversion,
} from "./column-conversion.ts";
import { dependantsIn, dependantsQuestion, listDependants, type Dependant } from "./column-dependants.ts";
import {
  excusePermissions,
  mayRewrite,
  ofTable,
  sequenceIn,
  sequenceQuestion,
  sizeOf,
  tableNow,
} from "./column-questions.ts";
import type { Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import { sizeQuestion, type Question } from "./question.ts";
import { atLength, briefly, quickly, type Statement, type TableLock } from "./statement.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";
import { integerBehind } from "./type-name.ts";
import type { WantedColumn } from "./wanted-column.ts";

/** Whether type or collation differ, serial being a matter of its own. */
export function isTypeChanged(there: ColumnCatalog, wanted: WantedColumn): boolean {
  return valueType(there.type) !== valueType(wanted.type) || there.collation !== wanted.collation;
}

export function typeQuestions(
  change: NamedChange,
  there: ColumnCatalog,
  wanted: WantedColumn,
): readonly Question[] {
  if (!isTypeChanged(there, wanted)) return [];
  const { name } = wanted;
  const table = tableNow(change);
  return [
    dependantsQuestion(table, change.nameNow(name)),
    sizeQuestion(table),
    ...(integerBehind(there.type) === undefined ? [] : [sequenceQuestion(table, change.nameNow(name))]),
    ...lossQuestions(change, conversionOf(there, wanted), wanted),
  ];
}

/**
 * ALTER COLUMN TYPE, with the default taken off and put on again: the old one would stay in the old type's words.
 */
export function planType(
  part: PartBuilder,
  change: PlannedChange,
  path: string,
  there: ColumnCatalog,
  wanted: WantedColumn,
): void {
  const { name } = wanted;
  const isCollationOnly = valueType(there.type) === valueType(wanted.type);
  const at = isCollationOnly ? `${path}.collation` : `${path}.type`;
  const says = isCollationOnly
    ? { from: there.collation ?? "the type's own", to: wanted.collation ?? "the type's own" }
    : { from: there.type, to: wanted.type };
  const refuse = (why: Pick<Refusal, "why" | "hint">): void => {
    excusePermissions(change, name);
    part.refuse({ path: at, ...says, ...why });
  };
  const dependants = dependantsIn(change.answers, tableNow(change), change.nameNow(name));
  const obstacle = obstacleOf(change, there, wanted, dependants, isCollationOnly);
  if (obstacle || !dependants) {
    refuse(obstacle ?? notKnown(name));
    return;
  }
  const conversion = conversionOf(there, wanted);
  const loss = lossOf(change, conversion, wanted, says.from, says.to);
  if (loss) {
    refuse(loss);
    return;
  }
  const rewrites = !isCollationOnly && isRewritten(conversion) && there.isVirtual !== true;
  if (rewrites && !mayRewrite(change, name)) {
    refuse({
      why: `every row would be written anew under a lock that stops reads and writes${sizeText(change)}`,
      hint: `${Overrides.hint("allowRewrite", `column:${name}`)} to do so. Or expand and contract: add a column of the new type, have the application write both, fill it in batches, read from it, drop ${name}.`,
    });
    return;
  }
  part.change(at);
  const statements = typeStatements(change, there, wanted, conversion, rewrites, dependants);
  if (statements.some((each) => each.scans === true || each.rewrites === true))
    part.alone("alter", ...statements);
  else part.quick("alter", ...statements);
}

/** What makes the server refuse the change whatever the rows hold. */
function obstacleOf(
  change: PlannedChange,
  there: ColumnCatalog,
  wanted: WantedColumn,
  dependants: readonly Dependant[] | undefined,
  isCollationOnly: boolean,
): Pick<Refusal, "why" | "hint"> | undefined {
  const { name } = wanted;
  const what = isCollationOnly ? "collation" : "type";
  if (change.live.partitionBy?.columns.includes(name) === true) {
    return {
      why: `${name} is of the partition key, whose ${what} PostgreSQL never changes`,
      hint: `Declare a new table with the wanted ${what}, partitioned as this one; copy the rows partition by partition; then rename the two and drop the old one.`,
    };
  }
  if (!dependants) return undefined;
  const isBlocking = ({ kind }: Dependant): boolean =>
    ["view", "generated column", "trigger", "policy", "exclusion", "other"].includes(kind) ||
    (isCollationOnly && ["index", "primary key", "unique"].includes(kind));
  const blocking = dependants.filter(isBlocking);
  if (blocking.length > 0) {
    return {
      why: `made of ${name}, and in the way of its ${what}: ${listDependants(blocking)}`,
      hint: "Drop them first, and make them again after the update: nothing is dropped by CASCADE.",
    };
  }
  const isGenerated = there.generated !== undefined && wanted.generated !== undefined;
  const { kind } = conversionOf(there, wanted);
  if (isGenerated && kind !== "metadata" && kind !== "lossless") {
    return {
      why: `${name} is generated, and its expression would not give a ${wanted.type}`,
      hint: "Drop the column in one update and add it in the next; its values are computed anew.",
    };
  }
  return undefined;
}

function typeStatements(
  change: PlannedChange,
  there: ColumnCatalog,
  wanted: WantedColumn,
  conversion: Conversion,
  rewrites: boolean,
  dependants: readonly Dependant[],
): readonly Statement[] {
  const { sql: table, on, rest } = ofTable(change);
  const column = quoteIdentifier(wanted.name);
  const type = valueType(wanted.type);
  const collate = wanted.collation === undefined ? "" : ` COLLATE ${quoteIdentifier(wanted.collation)}`;
  const using = usingOf(conversion, column, type);
  const hasDefault = there.default !== undefined;
  const commands = [
    ...(hasDefault ? [`ALTER COLUMN ${column} DROP DEFAULT`] : []),
    `ALTER COLUMN ${column} TYPE ${type}${collate}${using}`,
    ...(hasDefault && wanted.default !== undefined
      ? [`ALTER COLUMN ${column} SET DEFAULT (${wanted.default})`]
      : []),
  ];
  const linked = dependants.flatMap((each): TableLock[] =>
    each.linked
      ? [{ mode: "ACCESS EXCLUSIVE", on: each.linked, withPartitions: each.linked.isPartitioned }]
      : [],
  );
  const locks: readonly TableLock[] = [
    { mode: "ACCESS EXCLUSIVE", on, ...(rest.withPartitions && { withPartitions: true }) },
    ...linked.map(({ withPartitions, ...lock }) => ({
      ...lock,
      ...(withPartitions === true && { withPartitions }),
    })),
  ];
  // Checks and foreign keys are held against all rows again; an index of the other time type is built anew.
  const scans = dependants.some(
    ({ kind }) =>
      kind === "check" ||
      (kind === "foreign key" && rewrites) ||
      (conversion.kind === "zone" && (kind === "index" || kind === "primary key" || kind === "unique")),
  );
  const sql = `ALTER TABLE ${table} ${commands.join(", ")}`;
  const { cuts } = conditionsOf(conversion, wanted);
  const isGuarded = cuts !== undefined && !change.overrides.allows("allowDataLoss", `column:${wanted.name}`);
  const size = sizeOf(change);
  const sequence =
    integerBehind(there.type) !== undefined && integerBehind(wanted.type) !== undefined
      ? sequenceIn(change.answers, tableNow(change), change.nameNow(wanted.name))
      : undefined;
  return [
    ...(isGuarded ? guard(change, wanted, cuts(column)) : []),
    rewrites || scans
      ? atLength(sql, {
          ...size,
          locks,
          ...(rewrites && { rewrites }),
          ...(scans && !rewrites && { scans }),
          hazards: ["blocks reads and writes", "takes long on a big table"],
        })
      : briefly(sql, on, { locks }),
    ...(sequence ? [sequenceType(sequence, type)] : []),
  ];
}

/** Looks once more, when nobody can write any more. */
function guard(change: PlannedChange, wanted: WantedColumn, predicate: string): readonly Statement[] {
  const { sql: table, on, rest } = ofTable(change);
  return [
    briefly(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`, on, rest),
    quickly("SET LOCAL row_security = off"),
    atLength(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE ${predicate})`, {
      scans: true,
      ...sizeOf(change),
      refusesIfTrue: {
        message: `${wanted.name} holds values that the new type would cut or round; nothing was changed`,
        hint: "Run the update again to be told the rows.",
      },
    }),
  ];
}

function sequenceType(on: { readonly schema: string; readonly name: string }, type: string): Statement {
  const sql = `ALTER SEQUENCE ${quoteIdentifier(on.schema)}.${quoteIdentifier(on.name)} AS ${type}`;
  return quickly(sql, { locks: [{ mode: "SHARE ROW EXCLUSIVE", on }] });
}

function sizeText(change: PlannedChange): string {
  const { size } = sizeOf(change);
  return size ? ` (about ${size.rows.toLocaleString("en")} rows)` : "";
}

function notKnown(name: string): Pick<Refusal, "why" | "hint"> {
  return {
    why: `what is made of ${name} could not be found out`,
    hint: "Run the preview again when the server answers.",
  };
}
