import { join } from "node:path";
import { writeCa } from "../../lib/ca-file.ts";
import { caFile, rotationFrom, signs } from "../../lib/cluster-config/certificates.ts";
import { restartMembers } from "../../lib/cluster/restart-members.ts";
import { UserError } from "../../lib/errors.ts";
import { parseSettings } from "../../lib/settings.ts";
import { deploy } from "../stack/deploy.ts";
import { prepareStack } from "../stack/prepare-stack.ts";
import { recover, takeOver } from "../stack/recover.ts";
import { StackConfig } from "../stack/stack-config.ts";
import { defaultStack, stackFolder } from "../stack/stack-folder.ts";
import { readDeployment, readOutputs } from "../stack/stack-state.ts";
import { note } from "../terminal.ts";

/**
 * `./ecosphere rotate-authority [--begin]`: a new authority in place of the old one, in three updates, between which
 * both are believed. Where one was cut off, the next run goes on. Returns the exit code.
 */
export async function rotateAuthority(stack: string, endsWithOverlap: boolean): Promise<number> {
  const settings = parseSettings(StackConfig.peek(stackFolder(stack)).values(), stack);
  if (settings.certificateFolder !== undefined) throw ownAuthorities(settings.certificateFolder, stack);
  const prepared = await prepareStack(stack);
  takeOver(prepared);
  await recover(prepared, (await readDeployment(prepared)).pending);
  for (const step of rotationFrom(settings.authorities)) {
    note(`Believed: ${step.join(" and ")}. Signs: ${signs(step)}.`);
    prepared.config.set({ authorities: step.join(" ") });
    const code = await deploy(prepared, { asks: false });
    if (code !== 0) return code;
    const { ca } = await readOutputs(prepared);
    if (ca !== undefined) writeCa(stack, ca);
    await restartMembers(stack);
    if (endsWithOverlap && step.length === 2) {
      note("Give the output ca to clients on other hosts; then ./ecosphere rotate-authority goes on.");
      return 0;
    }
  }
  note("The old authority is believed by nobody any more.");
  return 0;
}

function ownAuthorities(folder: string, stack: string): UserError {
  const ca = join(folder, caFile);
  const option = stack === defaultStack ? "" : ` --stack ${stack}`;
  return new UserError(
    "own-certificates",
    `the certificates of stack "${stack}" are your own, in ${folder}: it has no authority to replace`,
    [
      "Do it in three steps, and no transaction fails:",
      `  1. both authorities into ${ca}; ./ecosphere up${option}; give clients that file`,
      `  2. certificates by the new one into ${folder}; ./ecosphere up${option}`,
      `  3. the new authority alone into ${ca}; ./ecosphere up${option}`,
    ].join("\n"),
  );
}
