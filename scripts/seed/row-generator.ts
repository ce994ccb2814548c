import type { CopyValue } from "./copy-text.ts";
import type { SeedWorld } from "./seed-world.ts";

/** Makes the row with a given id, its values in the order of the table's columns in the data model. */
export type RowGenerator = (world: SeedWorld) => (id: number) => readonly CopyValue[];

/** Cents as a decimal with two places: `1250` is `12.50`. */
export function money(cents: number): string {
  return (cents / 100).toFixed(2);
}
