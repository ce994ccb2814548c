import type { SeedProgress } from "../../scripts/seed/progress.ts";

/** For seeds whose progress nobody looks at. */
export const silentProgress: SeedProgress = {
  start: () => undefined,
  advance: () => undefined,
  waiting: () => undefined,
  finishing: () => undefined,
  done: () => undefined,
};
