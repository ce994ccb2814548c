import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { KeyCatalog } from "../catalog.ts";
import type { KeySpec } from "../spec.ts";
import { buildKey, dropIndex, keyNameOf } from "./key-build.ts";
import {
  duplicatesQuestion,
  keyTreeIn,
  keyTreeQuestion,
  referencesIn,
  referencesQuestion,
  type KeyNode,
} from "./key-facts.ts";
import { hasColumns, isNamedAs, matchKeys, type KeyMatch } from "./key-match.ts";
import { hasRows, offendingIn, rowsQuestion, type Offending, type Question } from "./question.ts";
import { briefly, type Statement } from "./statement.ts";
import { PartBuilder, type NamedChange, type Part, type PlannedChange } from "./table-part.ts";

const show = (key: { readonly columns: readonly string[] }): string => `(${key.columns.join(", ")})`;

export function keyQuestions(change: NamedChange): readonly Question[] {
  const { live, wanted } = change;
  const { matches, gone } = matchKeys(live, wanted);
  const built = matches.filter(isBuilt);
  const replaced = built.flatMap(({ there }) => (there && there.isUnfinished !== true ? [there] : []));
  const isThere = (column: string): boolean => live.columns.some(({ name }) => name === column);
  return [
    ...(built.length > 0 ? [keyTreeQuestion(live), rowsQuestion(live)] : []),
    ...built
      .filter((match) => match.wanted.columns.every(isThere))
      .map((match) =>
        duplicatesQuestion(duplicatesKey(match), live, match.wanted.columns.map(change.nameNow)),
      ),
    ...[...replaced, ...gone.map(({ key }) => key)].map(({ name }) => referencesQuestion(live, name)),
  ];
}

/** Keys that go: before their columns may be null, or are dropped. */
export function goneKeyPart(change: PlannedChange): Part {
  const part = new PartBuilder(change);
  const { matches, gone } = matchKeys(change.live, change.wanted, change.recorded?.spec);
  for (const { path, kind, key } of gone) {
    const twin = matches.find(({ there, wanted }) => !there && hasColumns(key, wanted));
    // Told where the key that comes is looked at.
    if (twin || refusesReferences(part, path, key, "no key", change)) continue;
    part.change(path, "delete");
    part.quick("loosen", dropKey(change, key));
    part.warn(
      `the ${kind === "UNIQUE" ? "unique constraint" : "primary key"} ${key.name} ${show(key)} goes: from then on nothing keeps duplicates out`,
    );
  }
  return part;
}

/** PRIMARY KEY and UNIQUE: what comes, is renamed, gets other columns, or is only half built. */
export function keyPart(change: PlannedChange): Part {
  const part = new PartBuilder(change);
  const { matches, gone } = matchKeys(change.live, change.wanted, change.recorded?.spec);
  const settled = new Set<string>();
  for (const match of matches) {
    const { path, wanted, there } = match;
    const twin = gone.find(({ key, kind }) => kind === match.kind && hasColumns(key, wanted))?.key;
    if (!there && twin) refuseRename(part, path, twin, wanted);
    else if (there && !isNamedAs(there, wanted) && there.name !== wanted.renamedFrom) {
      refuseRename(part, path, there, wanted);
    } else if (isBuilt(match)) {
      for (const each of build(part, match, change)) settled.add(each);
    } else if (there && !isNamedAs(there, wanted)) rename(part, match, there, change);
  }
  for (const { schema, table, name } of change.live.leftovers ?? []) {
    if (settled.has(`${schema}.${name}`)) continue;
    part.change("catalog.leftovers", "delete");
    const on =
      table === change.live.name && schema === change.live.schema ? change.table : { schema, name: table };
    part.outside("build", dropIndex(on, { schema, name }));
  }
  return part;
}

/** Whether something has to be built: it is not there, only half there, or over other columns. */
function isBuilt({ there, wanted }: KeyMatch): boolean {
  return !there || there.isUnfinished === true || !hasColumns(there, wanted);
}

/** @returns the leftovers that it takes care of, as `schema.index` */
function build(part: PartBuilder, match: KeyMatch, change: PlannedChange): readonly string[] {
  const { path, kind, wanted, there } = match;
  const isHalf = there?.isUnfinished === true && hasColumns(there, wanted);
  const old = isHalf ? undefined : there;
  const from = old ? show(old) : isHalf ? "half built" : "no key";
  const duplicates = offendingIn(change.answers, duplicatesKey(match));
  if (duplicates && duplicates.count > 0) {
    part.refuse({
      ...{ path, from, to: show(wanted) },
      why: tellDuplicates(duplicates),
      hint: "Make them different or delete the surplus rows; or choose more columns.",
    });
    return [];
  }
  if (old && refusesReferences(part, path, old, show(wanted), change)) return [];
  const tree = keyTreeIn(change.answers) ?? treeWithoutAnswer(change);
  if (!tree) {
    part.refuse({
      ...{ path, from, to: show(wanted) },
      why: "the table's partitions could not be read, and each needs its part of the key",
      hint: "Run it again when the database answers.",
    });
    return [];
  }
  part.change(path, there ? "update" : "add");
  const dropping = old ? [dropKey(change, old)] : [];
  if (!isHalf && !hasRows(change.answers, change.live)) {
    part.quick("swap", ...dropping, addAtOnce(match, change));
    return [];
  }
  const { building, swapping, settled } = buildKey(
    { kind, key: wanted, halfDone: isHalf ? there.name : undefined },
    tree,
    change,
  );
  if (building.length > 0) part.outside("build", ...building);
  part.quick("swap", ...dropping, ...swapping);
  if (isHalf && !isNamedAs(there, wanted)) rename(part, match, there, change);
  return settled.map(({ schema, name }) => `${schema}.${name}`);
}

/** Of a table without rows: its index is built in no time, and a partition's with it. */
function addAtOnce({ kind, wanted }: KeyMatch, change: PlannedChange): Statement {
  const { table, isPartitioned } = change;
  const named = wanted.name === undefined ? "" : `CONSTRAINT ${quoteIdentifier(wanted.name)} `;
  const columns = wanted.columns.map(quoteIdentifier).join(", ");
  return briefly(`ALTER TABLE ${qualify(table.schema, table.name)} ADD ${named}${kind} (${columns})`, table, {
    withPartitions: isPartitioned,
    scans: true,
  });
}

function dropKey({ table, isPartitioned }: PlannedChange, key: KeyCatalog): Statement {
  return briefly(
    `ALTER TABLE ${qualify(table.schema, table.name)} DROP CONSTRAINT ${quoteIdentifier(key.name)}`,
    table,
    { withPartitions: isPartitioned },
  );
}

function rename(part: PartBuilder, match: KeyMatch, there: KeyCatalog, change: PlannedChange): void {
  const { table } = change;
  const to = keyNameOf(match.kind, match.wanted, table.name);
  part.change(`${match.path}.name`);
  const alter = `ALTER TABLE ${qualify(table.schema, table.name)} RENAME CONSTRAINT`;
  part.quick("rename", briefly(`${alter} ${quoteIdentifier(there.name)} TO ${quoteIdentifier(to)}`, table));
}

function refuseRename(part: PartBuilder, path: string, there: KeyCatalog, wanted: KeySpec): void {
  part.refuse({
    path,
    from: `${there.name} ${show(there)}`,
    to: `${wanted.name ?? "no name given"} ${show(wanted)}`,
    why: "a key goes and another of the same columns comes: that reads like a rename",
    hint: `Add renamedFrom: "${there.name}" to the key, or give it the name ${there.name}.`,
  });
}

/** RESTRICT would fail anyway, without their names. */
function refusesReferences(
  part: PartBuilder,
  path: string,
  key: KeyCatalog,
  to: string,
  change: PlannedChange,
): boolean {
  const references = referencesIn(change.answers, key.name);
  if (references.length === 0) return false;
  const names = references.map(({ schema, table, name }) => `${name} of ${schema}.${table}`).join(", ");
  part.refuse({
    path,
    from: `${key.name} ${show(key)}`,
    to,
    why: `foreign keys rely on it: ${names}`,
    hint: "Remove those foreign keys first, in an update of their own; add them again after this one.",
  });
  return true;
}

/** What a plain table is, when nobody could say more: itself, with no index of that name. */
function treeWithoutAnswer({ live, isPartitioned }: PlannedChange): readonly KeyNode[] | undefined {
  if (isPartitioned) return undefined;
  const { schema, name } = live;
  return [{ schema, name, parentSchema: null, parent: null, isPartitioned, rows: 0, bytes: 0, indexes: [] }];
}

function tellDuplicates({ count, keys }: Offending): string {
  const values = count > keys.length ? `the first ${keys.join(", ")}` : keys.join(", ");
  return `${count === 1 ? "one value stands" : `${count}${count > keys.length ? " or more" : ""} values stand`} in more than one row: ${values}`;
}

function duplicatesKey({ path }: KeyMatch): string {
  return `duplicates ${path}`;
}
