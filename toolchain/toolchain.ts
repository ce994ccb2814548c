import { UserError } from "../lib/errors.ts";
import { findPulumiCli } from "./pulumi-cli.ts";

/** Gets the Pulumi CLI. */
export async function ensurePulumi(): Promise<void> {
  if (!(await findPulumiCli())) throw new UserError("no-pulumi", "the Pulumi CLI is not here yet");
}
