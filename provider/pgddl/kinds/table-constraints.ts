import type { CheckCatalog, KeyCatalog, TableCatalog } from "../catalog.ts";
import { hasColumns, isKeyOf, isNamedAs } from "../plan/key-match.ts";
import { isTemporaryName, temporaryName } from "../plan/made-up-name.ts";
import type { CheckSpec, KeySpec, TableSpec } from "../spec.ts";
import { columnHelperNames } from "./table-columns.ts";

type Constraints = Pick<TableCatalog, "primaryKey" | "uniques" | "checks">;

/**
 * The keys and checks that `specs` say something about, what an interrupted change of one has left among them;
 * and a few words about each other one.
 */
export function manageConstraints(
  live: TableCatalog,
  specs: readonly TableSpec[],
): { readonly constraints: Constraints; readonly extras: readonly string[] } {
  const enforces = specs.at(-1)?.enforce === true;
  const helpers = columnHelperNames(live);
  const saidChecks = specs.flatMap((spec) => spec.checks ?? []);
  const isThere = (name: string): boolean => live.checks.some((check) => check.name === name);
  const names = new Set(
    saidChecks.flatMap(({ name, renamedFrom }) => [
      name,
      temporaryName(name),
      // Once it is renamed, a check of the old name is somebody else's.
      ...(renamedFrom === undefined || isThere(name) ? [] : [renamedFrom]),
    ]),
  );
  const saidUniques = specs.flatMap((spec) => spec.uniques ?? []);
  const isCheckKnown = ({ name }: CheckCatalog): boolean => enforces || names.has(name) || helpers.has(name);
  const isUniqueKnown = (key: KeyCatalog): boolean =>
    enforces || saidUniques.some((unique) => isKeyOf(key, unique));
  const isKeyKnown = enforces || specs.some((spec) => spec.primaryKey);
  const { primaryKey } = live;
  return {
    constraints: {
      ...(primaryKey && isKeyKnown && { primaryKey }),
      uniques: live.uniques.filter(isUniqueKnown),
      checks: live.checks.filter(isCheckKnown),
    },
    extras: [
      ...live.checks.filter((each) => !isCheckKnown(each)).map(({ name }) => `check ${name}`),
      ...live.uniques.filter((each) => !isUniqueKnown(each)).map(({ name }) => `unique constraint ${name}`),
      ...(primaryKey && !isKeyKnown ? [`primary key ${primaryKey.name}`] : []),
    ],
  };
}

/** The inputs that say the same as the catalogue does of keys and checks. */
export function adoptConstraints(live: TableCatalog): Pick<TableSpec, "primaryKey" | "uniques" | "checks"> {
  const { primaryKey, uniques, checks } = live;
  return constraintsOf(primaryKey && adoptKey(primaryKey), uniques.map(adoptKey), ownChecks(live, checks));
}

/** The keys and checks that would make what is live now: those recorded, except where the catalogue has changed. */
export function driftOfConstraints(
  spec: TableSpec,
  catalog: TableCatalog,
  live: TableCatalog,
): Pick<TableSpec, "primaryKey" | "uniques" | "checks"> {
  const key = live.primaryKey && driftOfKey(spec.primaryKey, live.primaryKey, catalog.primaryKey);
  const left = new Set(live.uniques);
  const uniques = (spec.uniques ?? []).flatMap((unique): KeySpec[] => {
    const before = catalog.uniques.find((each) => isKeyOf(each, unique));
    const there =
      [...left].find((each) => isKeyOf(each, unique)) ??
      [...left].find((each) => before && each.name === before.name);
    if (!there) return [];
    left.delete(there);
    return [driftOfKey(unique, there, before)];
  });
  const saidChecks = (spec.checks ?? []).flatMap((check) => driftOfCheck(check, catalog, live));
  const known = new Set(spec.checks?.map(({ name }) => name));
  const extra = live.checks.filter(({ name }) => !known.has(name));
  return constraintsOf(
    key,
    [...uniques, ...[...left].map(adoptKey)],
    [...saidChecks, ...ownChecks(live, extra)],
  );
}

function constraintsOf(
  primaryKey: KeySpec | undefined,
  uniques: readonly KeySpec[],
  checks: readonly CheckSpec[],
): Pick<TableSpec, "primaryKey" | "uniques" | "checks"> {
  return {
    ...(primaryKey && { primaryKey }),
    ...(uniques.length > 0 && { uniques }),
    ...(checks.length > 0 && { checks }),
  };
}

function driftOfKey(said: KeySpec | undefined, there: KeyCatalog, before: KeyCatalog | undefined): KeySpec {
  if (!said) return adoptKey(there);
  const isKept = hasColumns(there, said) && (isNamedAs(there, said) || there.name === before?.name);
  return isKept
    ? said
    : { ...said, columns: there.columns, ...(said.name !== undefined && { name: there.name }) };
}

function driftOfCheck(check: CheckSpec, catalog: TableCatalog, live: TableCatalog): CheckSpec[] {
  const there = live.checks.find(({ name }) => name === check.name);
  const before = catalog.checks.find(({ name }) => name === check.name);
  if (!there) return [];
  return [there.expression === before?.expression ? check : { ...check, expression: there.expression }];
}

function adoptKey({ name, columns }: KeyCatalog): KeySpec {
  return { name, columns };
}

/** Without those that an interrupted change has left, which the next update takes care of. */
function ownChecks(live: TableCatalog, checks: readonly CheckCatalog[]): readonly CheckSpec[] {
  const helpers = columnHelperNames(live);
  return checks
    .filter(({ name }) => !isTemporaryName(name) && !helpers.has(name))
    .map(({ name, expression }) => ({ name, expression }));
}
