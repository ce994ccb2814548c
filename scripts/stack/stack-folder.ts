import { join } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { projectRoot, stateFolder } from "../../lib/paths.ts";

/** The stack that a command means when it is not told another. */
export const defaultStack = "dev";

/** Where everything that belongs to one stack alone is kept; none of it is tracked by git. */
export interface StackFolder {
  readonly stack: string;
  /** The folder itself, mode 0700. */
  readonly path: string;
  /** The stack's configuration as Pulumi reads and writes it. */
  readonly config: string;
  /** The tracked configuration as it was when it last went into `config`. */
  readonly seenConfig: string;
  /** The ports that were chosen because the defaults were taken. */
  readonly chosenPorts: string;
  /** The generated passphrase, mode 0600. */
  readonly passphrase: string;
  /** The configuration in the work tree, which the user edits and git tracks. */
  readonly trackedConfig: string;
}

/** @throws UserError `stack-name` */
export function stackFolder(stack: string, root = projectRoot, state = stateFolder): StackFolder {
  checkStackName(stack);
  // A folder of its own level: no stack's name can meet the state's, the plugins' or the build's folder.
  const path = join(state, "stacks", stack);
  return {
    stack,
    path,
    config: join(path, `Pulumi.${stack}.yaml`),
    seenConfig: join(path, "seen.yaml"),
    chosenPorts: join(path, "ports.json"),
    passphrase: join(path, "passphrase"),
    trackedConfig: join(root, `Pulumi.${stack}.yaml`),
  };
}

/** Pulumi's own rule, without the two names that mean a folder. @throws UserError `stack-name` */
export function checkStackName(stack: string): void {
  if (/^[\w.-]{1,100}$/.test(stack) && stack !== "." && stack !== "..") return;
  throw new UserError(
    "stack-name",
    `"${stack}" cannot name a stack`,
    "Use 1 to 100 letters, digits, hyphens, underscores and dots, for instance: --stack dev",
  );
}
