import type { IndexCatalog, IndexKeyCatalog } from "../catalog.ts";
import type { IndexKeySpec, IndexSpec } from "../spec.ts";

/** What makes an index the index that it is; anything else about it is changed in place. In the catalogue's words. */
export interface IndexDefinition {
  readonly columns: readonly (string | IndexKeyCatalog)[];
  readonly isUnique: boolean;
  readonly method: string;
  readonly nullsNotDistinct: boolean;
  readonly include: readonly string[];
  readonly where: string | undefined;
}

export type LiveDefinition = Pick<
  IndexCatalog,
  "columns" | "isUnique" | "method" | "nullsNotDistinct" | "include" | "where"
>;

export function definitionOf(live: LiveDefinition): IndexDefinition {
  const { columns, isUnique, method, nullsNotDistinct = false, include = [], where } = live;
  return { columns, isUnique, method, nullsNotDistinct, include, where };
}

/** As far as pure rules go: expressions, and names of what is the default anyway, stay as they are written. */
export function definitionWanted(spec: IndexSpec): IndexDefinition {
  const { columns, unique = false, method = "btree", nullsNotDistinct = false, include = [], where } = spec;
  return { columns: columns.map(canonicalKey), isUnique: unique, method, nullsNotDistinct, include, where };
}

/** The properties, by their names in a spec, in which two definitions differ. */
export function differingProperties(a: IndexDefinition, b: IndexDefinition): readonly (keyof IndexSpec)[] {
  const pairs: readonly (readonly [keyof IndexSpec, unknown, unknown])[] = [
    ["columns", a.columns.map(keyText), b.columns.map(keyText)],
    ["unique", a.isUnique, b.isUnique],
    ["method", a.method, b.method],
    ["nullsNotDistinct", a.nullsNotDistinct, b.nullsNotDistinct],
    ["include", a.include, b.include],
    ["where", a.where ?? "", b.where ?? ""],
  ];
  return pairs.flatMap(([property, one, other]) =>
    JSON.stringify(one) === JSON.stringify(other) ? [] : [property],
  );
}

export function isSameDefinition(a: IndexDefinition, b: IndexDefinition): boolean {
  return differingProperties(a, b).length === 0;
}

/** Whether the server may print it otherwise than it is written. */
export function hasTexts(spec: IndexSpec): boolean {
  const hasText = (key: string | IndexKeySpec): boolean =>
    typeof key !== "string" &&
    (key.expression !== undefined || key.operatorClass !== undefined || key.collation !== undefined);
  return spec.where !== undefined || spec.columns.some(hasText);
}

/** A key without what is the default, and as a plain name where that says all. */
export function canonicalKey(key: string | IndexKeyCatalog): string | IndexKeySpec {
  if (typeof key === "string") return key;
  const { name, expression, order, nulls, operatorClass, collation } = key;
  const isDescending = order === "desc";
  const isUsual = nulls === undefined || nulls === (isDescending ? "first" : "last");
  const rest = {
    ...(isDescending && { order }),
    ...(!isUsual && { nulls }),
    ...(operatorClass !== undefined && { operatorClass }),
    ...(collation !== undefined && { collation }),
  };
  if (name !== undefined) return Object.keys(rest).length === 0 ? name : { name, ...rest };
  return { ...(expression !== undefined && { expression }), ...rest };
}

/** `user_id`, `lower(email) desc`: a key for the eye, and for comparing. */
export function keyText(key: string | IndexKeyCatalog): string {
  if (typeof key === "string") return key;
  const { name, expression, order, nulls, operatorClass, collation } = key;
  return [
    expression === undefined ? (name ?? "") : `(${expression})`,
    ...(collation === undefined ? [] : [`collate ${collation}`]),
    ...(operatorClass === undefined ? [] : [operatorClass]),
    ...(order === undefined ? [] : [order]),
    ...(nulls === undefined ? [] : [`nulls ${nulls}`]),
  ].join(" ");
}
