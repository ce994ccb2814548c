import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { CheckCatalog } from "../catalog.ts";
import type { CheckSpec } from "../spec.ts";
import { renameIn } from "./column-names.ts";
import { isTemporaryName, temporaryName } from "./made-up-name.ts";
import {
  offendingIn,
  offendingQuestion,
  sizeIn,
  sizeQuestion,
  tellOffending,
  type Question,
} from "./question.ts";
import { atLength, briefly, type Statement } from "./statement.ts";
import { PartBuilder, type NamedChange, type Part, type PlannedChange } from "./table-part.ts";
import { formerOrSelf } from "./wanted-table.ts";

/** One wanted check, and what there is of it. */
interface Match {
  readonly path: string;
  readonly wanted: CheckSpec;
  /** By its name, or by the one before. */
  readonly there: CheckCatalog | undefined;
  /** The new expression under its temporary name: an update was cut off before the swap. */
  readonly standIn: CheckCatalog | undefined;
}

export function checkQuestions(change: NamedChange): readonly Question[] {
  const { live, wanted } = change;
  const matches = matchChecks(change);
  const renamed = wanted.columns.flatMap(({ name }) =>
    change.nameNow(name) === name ? [] : [[name, change.nameNow(name)] as const],
  );
  const isNew = matches.filter((match) => match.there?.expression !== match.wanted.expression);
  const isScanned = isNew.length > 0 || matches.some(({ there }) => there?.isValidated === false);
  return [
    ...(isScanned ? [sizeQuestion(live)] : []),
    ...isNew.map(({ wanted: { name, expression } }) =>
      offendingQuestion(
        offendingKey(name),
        live,
        (live.primaryKey?.columns ?? []).map(change.nameNow),
        `NOT (${renameIn(expression, new Map(renamed))})`,
      ),
    ),
  ];
}

/** CHECK: what comes, goes, is renamed, says something else, or is only half validated. */
export function checkPart(change: PlannedChange): Part {
  const part = new PartBuilder(change);
  const sql = new CheckSql(change);
  const matches = matchChecks(change);
  const kept = new Set(matches.flatMap(({ there, standIn }) => [there?.name, standIn?.name]));
  const gone = change.live.checks.filter(({ name }) => !kept.has(name));
  for (const match of matches) {
    const twin = gone.find(
      ({ name, expression }) => expression === match.wanted.expression && !isTemporaryName(name),
    );
    if (!match.there && twin) refuseTwin(part, match, twin);
    else if (!match.there) add(part, sql, match, change);
    else if (match.there.expression === match.wanted.expression) keep(part, sql, match, match.there);
    else replace(part, sql, match, match.there, change);
  }
  for (const { name } of gone) {
    part.change(`checks[${placeOf(name, change)}]`, "delete");
    part.quick("loosen", sql.drop(name));
    if (isTemporaryName(name)) continue;
    part.warn(`the check ${name} goes: from then on nothing keeps out the rows that break it`);
  }
  return part;
}

/** Where it stood in the inputs; else, of one that nobody declared, its place in the catalogue. */
function placeOf(name: string, { live, recorded }: PlannedChange): number {
  const said = recorded?.spec.checks?.findIndex((check) => check.name === name) ?? -1;
  return said >= 0 ? said : live.checks.findIndex((check) => check.name === name);
}

function add(part: PartBuilder, sql: CheckSql, match: Match, change: PlannedChange): void {
  const { path, wanted, standIn } = match;
  if (refusesRows(part, match, "no check", change)) return;
  if (wanted.renamedFrom !== undefined) {
    part.warn(
      `${path}.renamedFrom is ${wanted.renamedFrom}, which is not there: ${wanted.name} is made anew`,
    );
  }
  part.change(path, "add");
  if (standIn) part.quick("loosen", sql.drop(standIn.name));
  part.quick("alter", sql.add(wanted.name, wanted.expression));
  part.alone("tighten", sql.validate(wanted.name));
}

/** As it is wanted, but for its name, or half made. */
function keep(part: PartBuilder, sql: CheckSql, match: Match, there: CheckCatalog): void {
  const { path, wanted, standIn } = match;
  if (there.name !== wanted.name) {
    part.change(`${path}.name`);
    part.quick("rename", sql.rename(there.name, wanted.name));
  }
  if (!there.isValidated) {
    part.change(path);
    part.alone("tighten", sql.validate(wanted.name));
  }
  if (!standIn) return;
  part.change(path);
  part.quick("loosen", sql.drop(standIn.name));
}

/** The new one is valid before the old one goes, and takes its name in the same transaction. */
function replace(
  part: PartBuilder,
  sql: CheckSql,
  match: Match,
  there: CheckCatalog,
  change: PlannedChange,
): void {
  const { path, wanted, standIn } = match;
  if (refusesRows(part, match, there.expression, change)) return;
  const beside = temporaryName(wanted.name);
  const isHalfDone = standIn?.expression === wanted.expression;
  part.change(`${path}.expression`);
  if (standIn && !isHalfDone) part.quick("alter", sql.drop(beside));
  if (!isHalfDone) part.quick("alter", sql.add(beside, wanted.expression));
  if (!(isHalfDone && standIn.isValidated)) part.alone("tighten", sql.validate(beside));
  part.quick("swap", sql.drop(there.name), sql.rename(beside, wanted.name));
}

function refusesRows(part: PartBuilder, match: Match, from: string, change: PlannedChange): boolean {
  const { path, wanted } = match;
  const offending = offendingIn(change.answers, offendingKey(wanted.name));
  if (!offending || offending.count === 0) return false;
  const table = qualify(change.live.schema, change.live.name);
  part.refuse({
    path,
    from,
    to: `${wanted.name}: ${wanted.expression}`,
    why: `it is broken by ${tellOffending(offending)}`,
    hint: `Correct them (SELECT * FROM ${table} WHERE NOT (${wanted.expression})), or change the expression.`,
  });
  return true;
}

function refuseTwin(part: PartBuilder, { path, wanted }: Match, twin: CheckCatalog): void {
  part.refuse({
    path,
    from: `${twin.name}: ${twin.expression}`,
    to: `${wanted.name}: ${wanted.expression}`,
    why: "one check goes and one that says the same comes: that reads like a rename",
    hint: `Add renamedFrom: "${twin.name}" to the check ${wanted.name}, or remove ${twin.name} in an update of its own.`,
  });
}

function matchChecks({ live, wanted }: NamedChange): readonly Match[] {
  return wanted.checks.map((check, at) => {
    const there = formerOrSelf(live.checks, check);
    const standIn = live.checks.find(({ name }) => name === temporaryName(check.name));
    return { path: `checks[${at}]`, wanted: check, there, standIn };
  });
}

function offendingKey(name: string): string {
  return `check ${name}`;
}

/** The statements about one table's checks; each reaches its partitions too. */
class CheckSql {
  readonly #change: PlannedChange;
  readonly #table: string;

  constructor(change: PlannedChange) {
    this.#change = change;
    this.#table = qualify(change.table.schema, change.table.name);
  }

  add(name: string, expression: string): Statement {
    return this.#alter(`ADD CONSTRAINT ${quoteIdentifier(name)} CHECK (${expression}) NOT VALID`);
  }

  drop(name: string): Statement {
    return this.#alter(`DROP CONSTRAINT ${quoteIdentifier(name)}`);
  }

  rename(from: string, to: string): Statement {
    return this.#alter(`RENAME CONSTRAINT ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`);
  }

  /** After the commit of ADD, whose strong lock is not held while the rows are read. */
  validate(name: string): Statement {
    const { table: on, isPartitioned, live, answers } = this.#change;
    const size = sizeIn(answers, live);
    return atLength(`ALTER TABLE ${this.#table} VALIDATE CONSTRAINT ${quoteIdentifier(name)}`, {
      locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on, ...(isPartitioned && { withPartitions: true }) }],
      scans: true,
      ...(size && { size }),
    });
  }

  #alter(sql: string): Statement {
    const { table, isPartitioned: withPartitions } = this.#change;
    return briefly(`ALTER TABLE ${this.#table} ${sql}`, table, { withPartitions });
  }
}
