import { UserError } from "../../lib/errors.ts";
import {
  begunRotations,
  loginNames,
  printPasswordVersions,
  withNextInForce,
  withNextMade,
  type PasswordVersions,
} from "../../lib/password-versions.ts";
import { parseSettings } from "../../lib/settings.ts";
import type { LoginName } from "../../lib/stack-outputs.ts";
import { deploy } from "../stack/deploy.ts";
import { prepareStack, type PreparedStack } from "../stack/prepare-stack.ts";
import { recover, takeOver } from "../stack/recover.ts";
import { readDeployment } from "../stack/stack-state.ts";
import { note } from "../terminal.ts";

export interface RotateOptions {
  readonly all: boolean;
  /** Whether to stop once the new passwords are made, before they count. */
  readonly begin: boolean;
}

/**
 * `./ecosphere rotate [LOGIN…|--all] [--begin]`: new passwords, in two updates. The first one makes them, so that they
 * are kept, and can be told to clients; the second one puts them in force. Returns the exit code.
 */
export async function rotate(
  stack: string,
  names: readonly string[],
  options: RotateOptions,
): Promise<number> {
  const prepared = await prepareStack(stack);
  takeOver(prepared);
  const { passwordVersions } = parseSettings(prepared.config.values(), stack);
  const logins = loginsToRotate(names, options.all, passwordVersions);
  await recover(prepared, (await readDeployment(prepared)).pending);

  let versions = passwordVersions;
  // One that is made already may have been told to clients: it is gone on with, and not made anew.
  if (options.begin || logins.some((login) => !versions[login].isNextMade)) {
    versions = withNextMade(versions, logins);
    note(`Makes the next passwords of ${logins.join(", ")}.`);
    const code = await deployWith(prepared, versions);
    if (code !== 0) return code;
  }
  if (options.begin) {
    note("Give nextPassword of the output credentials to clients; then ./ecosphere rotate goes on.");
    return 0;
  }
  note(`Puts the next passwords of ${logins.join(", ")} in force.`);
  const code = await deployWith(prepared, withNextInForce(versions, logins));
  if (code === 0) note("The old passwords let nobody in any more; sessions that they have opened go on.");
  return code;
}

/** Exported for its test. @throws UserError `bad-argument`, `no-login` */
export function loginsToRotate(
  names: readonly string[],
  isAll: boolean,
  versions: PasswordVersions,
): readonly LoginName[] {
  const allowed = loginNames.join(", ");
  if (isAll && names.length > 0) {
    const received = names.join(" ");
    throw new UserError("bad-argument", `received --all and ${received}`, "Give logins, or --all.");
  }
  if (isAll) return loginNames;
  const unknown = names.filter((name) => !loginNames.some((login) => login === name));
  if (unknown.length > 0) {
    throw new UserError(
      "no-login",
      `no login is named ${unknown.map((name) => JSON.stringify(name)).join(", ")}`,
      `Allowed are ${allowed}; or --all.`,
    );
  }
  if (names.length > 0) return loginNames.filter((login) => names.includes(login));
  const begun = begunRotations(versions);
  if (begun.length > 0) return begun;
  throw new UserError(
    "no-login",
    "no login was given, and no rotation is begun",
    `Name some of ${allowed}, or give --all. An update that was cut off is gone on with by ./ecosphere up.`,
  );
}

function deployWith(prepared: PreparedStack, versions: PasswordVersions): Promise<number> {
  prepared.config.set({ passwordVersions: printPasswordVersions(versions) });
  return deploy(prepared, { asks: false });
}
