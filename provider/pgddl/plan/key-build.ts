import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { KeySpec } from "../spec.ts";
import type { KeyNode } from "./key-facts.ts";
import type { KeyKind } from "./key-match.ts";
import { defaultKeyName, keyIndexName, partName } from "./made-up-name.ts";
import {
  briefly,
  concurrently,
  quickly,
  type Statement,
  type TableLock,
  type TableName,
} from "./statement.ts";
import type { PlannedChange } from "./table-part.ts";

type UniqueIndex = KeyNode["indexes"][number];

/** A key that is made while its table is used. */
export interface KeyBuild {
  /** Each by itself, and long: a unique index a table that holds rows. */
  readonly building: readonly Statement[];
  /** In one transaction, of the catalogue alone: the indexes become the key. */
  readonly swapping: readonly Statement[];
  /** The indexes of earlier, cut-off builds that this one goes on with or drops. */
  readonly settled: readonly TableName[];
}

interface Wanted {
  readonly kind: KeyKind;
  readonly key: KeySpec;
  /** The live key that is only half there: of a partitioned table, without a part for each partition. */
  readonly halfDone?: string | undefined;
}

/**
 * Builds a key: an index at a time without stopping writes, then all of it becomes the constraint at once. Up to
 * that moment nothing is half a constraint; an index that was finished before an interruption is used as it is.
 * @param tree of `keyTreeQuestion`
 */
export function buildKey(wanted: Wanted, tree: readonly KeyNode[], change: PlannedChange): KeyBuild {
  return new Build(wanted, tree, change).run();
}

/** The name that the key is to have. */
export function keyNameOf(kind: KeyKind, key: KeySpec, table: string): string {
  return key.name ?? defaultKeyName(table, key, kind === "PRIMARY KEY");
}

class Build {
  readonly #wanted: Wanted;
  readonly #tree: readonly KeyNode[];
  readonly #change: PlannedChange;
  readonly #name: string;
  readonly #columns: string;
  readonly #building: Statement[] = [];
  readonly #swapping: Statement[] = [];
  readonly #settled: TableName[] = [];

  constructor(wanted: Wanted, tree: readonly KeyNode[], change: PlannedChange) {
    this.#wanted = wanted;
    this.#tree = tree;
    this.#change = change;
    this.#name = wanted.halfDone ?? keyNameOf(wanted.kind, wanted.key, change.table.name);
    this.#columns = `(${wanted.key.columns.map(quoteIdentifier).join(", ")})`;
  }

  run(): KeyBuild {
    const [top, ...below] = this.#tree;
    // By node, the index that is its part of the key or will be; what hangs on one to come goes with its predecessor.
    const parts = new Map<
      string,
      { readonly name: string; readonly isThere: boolean; readonly depth: number }
    >();
    const attaching: { readonly depth: number; readonly statement: Statement }[] = [];
    if (top) {
      const isThere = this.#wanted.halfDone !== undefined;
      parts.set(idOf(top), { name: this.#name, isThere, depth: 0 });
      if (!isThere) this.#node(top, this.#name);
    }
    for (const node of below) {
      const above = parts.get(`${node.parentSchema ?? ""}.${node.parent ?? ""}`);
      if (!above) continue;
      const attached = above.isThere ? node.indexes.find((index) => index.above === above.name) : undefined;
      const own = attached ?? node.indexes.find((index) => this.#isWholePart(index));
      const name = own?.name ?? partName(node.name, this.#name);
      const depth = above.depth + 1;
      parts.set(idOf(node), { name, isThere: own !== undefined, depth });
      if (!own) this.#node(node, name);
      // A part that is attached may itself lack parts: its partitions are looked at in their turn.
      if (!attached) attaching.push({ depth, statement: attach(node, above.name, name) });
    }
    // From the leaves up: a part that becomes whole when it hangs on its parent already locks the parent's table too.
    attaching.sort((a, b) => b.depth - a.depth);
    this.#swapping.push(...attaching.map(({ statement }) => statement));
    return { building: this.#building, swapping: this.#swapping, settled: this.#settled };
  }

  /** Makes the node's constraint. */
  #node(node: KeyNode, name: string): void {
    const on = this.#isTop(node) ? this.#change.table : { schema: node.schema, name: node.name };
    const alter = `ALTER TABLE ${node.isPartitioned ? "ONLY " : ""}${qualify(on.schema, on.name)}`;
    const constraint = `${alter} ADD CONSTRAINT ${quoteIdentifier(name)} ${this.#wanted.kind}`;
    if (node.isPartitioned) {
      this.#swapping.push(briefly(`${constraint} ${this.#columns}`, on));
      return;
    }
    const index = keyIndexName(name);
    this.#index(node, on, index);
    this.#swapping.push(briefly(`${constraint} USING INDEX ${quoteIdentifier(index)}`, on));
  }

  #index(node: KeyNode, on: TableName, index: string): void {
    const there = node.indexes.find((each) => each.name === index);
    if (there) this.#settled.push({ schema: node.schema, name: index });
    if (there && there.isValid && this.#isSame(there) && there.constraint === null) return;
    if (there) this.#building.push(dropIndex(on, { schema: node.schema, name: index }));
    const table = qualify(on.schema, on.name);
    const { rows, bytes } = node;
    this.#building.push(
      concurrently(
        `CREATE UNIQUE INDEX CONCURRENTLY ${quoteIdentifier(index)} ON ${table} ${this.#columns}`,
        {
          locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on }],
          scans: true,
          ...(bytes > 0 && { size: { rows: Math.round(rows), bytes } }),
        },
      ),
    );
  }

  /** A key that the partition has by itself, and that only has to be attached. */
  #isWholePart(index: UniqueIndex): boolean {
    const isKind = index.isPrimary === (this.#wanted.kind === "PRIMARY KEY");
    return (
      index.constraint !== null && index.above === null && index.isValid && isKind && this.#isSame(index)
    );
  }

  #isSame(index: UniqueIndex): boolean {
    const { key } = this.#wanted;
    const now = key.columns.map(this.#change.nameNow);
    return index.isPlain && JSON.stringify(index.columns) === JSON.stringify(now);
  }

  #isTop(node: KeyNode): boolean {
    return node === this.#tree[0];
  }
}

/** Drops what a cut-off build left behind. */
export function dropIndex(table: TableName, index: TableName): Statement {
  return concurrently(`DROP INDEX CONCURRENTLY ${qualify(index.schema, index.name)}`, {
    locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on: { schema: table.schema, name: table.name } }],
    hazards: ["drops an object"],
  });
}

function attach(node: KeyNode, above: string, name: string): Statement {
  const index = { schema: node.schema, name };
  const parent = { schema: node.parentSchema ?? node.schema, name: above };
  const locks: readonly TableLock[] = [
    { mode: "SHARE UPDATE EXCLUSIVE", on: parent },
    { mode: "ACCESS EXCLUSIVE", on: index },
  ];
  return quickly(
    `ALTER INDEX ${qualify(parent.schema, parent.name)} ATTACH PARTITION ${qualify(index.schema, index.name)}`,
    { locks },
  );
}

function idOf(node: KeyNode): string {
  return `${node.schema}.${node.name}`;
}
