import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything a run writes into the checkout, apart from Pulumi's own state; git ignores it. */
export const stateFolder = join(projectRoot, ".ecosphere");
