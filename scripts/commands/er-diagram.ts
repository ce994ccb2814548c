import { join } from "node:path";
import { projectRoot } from "../../lib/paths.ts";
import { connectionTo } from "../../lib/stack-outputs.ts";
import { updateErDiagram } from "../er-diagram/er-diagram.ts";
import { prepareStack } from "../stack/prepare-stack.ts";
import { readOutputs } from "../stack/stack-state.ts";
import { note } from "../terminal.ts";

/** `./ecosphere er-diagram`: draws the tables of a deployed stack into the README. Returns the exit code. */
export async function erDiagramCommand(stack: string): Promise<number> {
  const outputs = await readOutputs(await prepareStack(stack));
  const isChanged = await updateErDiagram(
    connectionTo(outputs, "ro", "reporting"),
    join(projectRoot, "README.md"),
  );
  note(isChanged ? "README.md has a new diagram." : "The diagram in README.md is up to date.");
  return 0;
}
