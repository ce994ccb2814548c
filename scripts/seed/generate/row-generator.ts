import type { CopyValue } from "./copy-text.ts";
import { twoDigits } from "./dates.ts";
import type { SeedWorld } from "./seed-world.ts";

/** Makes the row with a given id, its values in the order of the table's columns in the data model. */
export type MakeRow = (id: number) => readonly CopyValue[];

export type RowGenerator<World extends SeedWorld = SeedWorld> = (world: World) => MakeRow;

/** Cents as a decimal with two places: `1250` is `12.50`. */
export function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${twoDigits[cents % 100] ?? ""}`;
}
