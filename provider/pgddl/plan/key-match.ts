import type { KeyCatalog, TableCatalog } from "../catalog.ts";
import type { KeySpec, TableSpec } from "../spec.ts";
import type { WantedTable } from "./wanted-table.ts";

export type KeyKind = "PRIMARY KEY" | "UNIQUE";

/** One wanted key, and what there is of it: as it is wanted, or with other columns or another name. */
export interface KeyMatch {
  readonly path: string;
  readonly kind: KeyKind;
  readonly wanted: KeySpec;
  readonly there: KeyCatalog | undefined;
}

/** A key that nobody wants any more. */
export interface GoneKey {
  readonly path: string;
  readonly kind: KeyKind;
  readonly key: KeyCatalog;
}

export interface KeyMatches {
  readonly matches: readonly KeyMatch[];
  readonly gone: readonly GoneKey[];
}

/** @param before the last inputs, in which a key that goes has its place */
export function matchKeys(live: TableCatalog, wanted: WantedTable, before?: TableSpec): KeyMatches {
  const { primaryKey } = wanted;
  const there = pairUniques(live.uniques, wanted.uniques);
  const taken = new Set(there);
  return {
    matches: [
      ...(primaryKey
        ? [{ path: "primaryKey", kind: "PRIMARY KEY", wanted: primaryKey, there: live.primaryKey } as const]
        : []),
      ...wanted.uniques.map((unique, at): KeyMatch => ({
        path: `uniques[${at}]`,
        kind: "UNIQUE",
        wanted: unique,
        there: there[at],
      })),
    ],
    gone: [
      ...(live.primaryKey && !primaryKey
        ? [{ path: "primaryKey", kind: "PRIMARY KEY", key: live.primaryKey } as const]
        : []),
      ...live.uniques.flatMap((key, at): readonly GoneKey[] =>
        taken.has(key) ? [] : [{ path: `uniques[${placeOf(key, before) ?? at}]`, kind: "UNIQUE", key }],
      ),
    ],
  };
}

/** Whether the live key is the one that `spec` means: by name where it gives one, else by columns. */
export function isKeyOf(key: KeyCatalog, spec: KeySpec): boolean {
  if (spec.name === undefined) return hasColumns(key, spec);
  return key.name === spec.name || key.name === spec.renamedFrom;
}

export function hasColumns(key: KeyCatalog, spec: KeySpec): boolean {
  return JSON.stringify(key.columns) === JSON.stringify(spec.columns);
}

/** What `spec` calls it, or what it is called already. */
export function isNamedAs(key: KeyCatalog, spec: KeySpec): boolean {
  return spec.name === undefined || spec.name === key.name;
}

function placeOf(key: KeyCatalog, spec: TableSpec | undefined): number | undefined {
  const at = spec?.uniques?.findIndex((unique) => isKeyOf(key, unique)) ?? -1;
  return at < 0 ? undefined : at;
}

/** For each wanted key the live one: names are surer than columns, the name of now surer than the one before. */
function pairUniques(
  live: readonly KeyCatalog[],
  wanted: readonly KeySpec[],
): readonly (KeyCatalog | undefined)[] {
  const left = new Set(live);
  const found = new Map<KeySpec, KeyCatalog>();
  const rules: readonly ((key: KeyCatalog, spec: KeySpec) => boolean)[] = [
    (key, spec) => key.name === spec.name,
    (key, spec) => key.name === spec.renamedFrom,
    (key, spec) => spec.name === undefined && hasColumns(key, spec),
  ];
  for (const rule of rules) {
    for (const spec of wanted) {
      if (found.has(spec)) continue;
      const key = [...left].find((each) => rule(each, spec));
      if (!key) continue;
      found.set(spec, key);
      left.delete(key);
    }
  }
  return wanted.map((spec) => found.get(spec));
}
