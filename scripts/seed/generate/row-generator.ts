import type { WriteRow } from "./row-sink.ts";
import type { SeedWorld } from "./seed-world.ts";

export type RowGenerator<World extends SeedWorld = SeedWorld> = (world: World) => WriteRow;
