import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connectDocker } from "../../lib/docker.ts";
import { UserError } from "../../lib/errors.ts";
import { parseSettings } from "../../lib/settings.ts";
import { pulumiHome } from "../../toolchain/pulumi-home.ts";
import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { localBackend, usesLocalBackend } from "../stack/environment.ts";
import { removeHalfMade } from "../stack/half-made.ts";
import { hasLocalState, prepareStack, type PreparedStack } from "../stack/prepare-stack.ts";
import { recover } from "../stack/recover.ts";
import { capturePulumi, runPulumi } from "../stack/run-pulumi.ts";
import { stackFolder } from "../stack/stack-folder.ts";
import { readDeployment, type StateResource } from "../stack/stack-state.ts";
import { canAsk, confirm, note } from "../terminal.ts";

/** `./ecosphere destroy`. Returns the exit code. */
export async function destroy(stack: string, yes: boolean): Promise<number> {
  const folder = stackFolder(stack);
  const hadFolder = existsSync(folder.path);
  if (usesLocalBackend() && !hadFolder && !hasLocalState(stack)) {
    return finish(stack, `There is no stack ${stack} here.`);
  }
  await ensurePulumi();
  const prepared = await prepareStack(stack);
  if (!hadFolder && !(await isKnown(prepared))) {
    // Made just now, by the preparation.
    removeFiles(prepared);
    return finish(stack, `There is no stack ${stack} in that backend.`);
  }
  const ended = await destroyPrepared(prepared, yes);
  return typeof ended === "number" ? ended : finish(stack, ended);
}

/**
 * Destroys a stack once its protection and the user allow it; nothing is removed before that. Exported for
 * its test. Returns what was done, or the exit code when it did not come to its end.
 * @throws UserError `protected`, `needs-yes`, `stack-locked`; `pulumi-failed` when nobody can say what there is
 */
export async function destroyPrepared(prepared: PreparedStack, yes: boolean): Promise<string | number> {
  const { stack } = prepared.folder;
  const deployment = (await isKnown(prepared)) ? await readDeployment(prepared) : undefined;
  refuseProtected(stack, isProtectedByConfig(prepared), deployment?.resources ?? []);
  const count = deployment?.resources.filter(({ type }) => !type.startsWith("pulumi:")).length;
  const question =
    count === undefined
      ? `The stack ${stack} is not deployed here. Remove its passphrase, configuration and ports?`
      : `Destroy the stack ${stack} (${count} resources) with all its data?`;
  if (!yes && !(await isWanted(question))) return 1;
  if (deployment === undefined) {
    removeFiles(prepared);
    return `The stack ${stack} was never deployed; its files are removed.`;
  }
  await recover(prepared, deployment.pending);
  // A refresh would ask a database that may be down; what is gone already, its provider passes over.
  const args = ["destroy", "--yes", "--skip-preview", "--refresh=false", "--suppress-permalink=true"];
  const { code } = await runPulumi(args, prepared);
  if (code !== 0) return code;
  // Pulumi has just had the lock, so nobody else is at work on what it did not know of.
  await removeHalfMade(stack, deployment.pending, { volumes: true });
  // The configuration in the work tree is the user's.
  await capturePulumi(["stack", "rm", stack, "--yes", "--preserve-config"], prepared);
  removeFiles(prepared);
  return `The stack ${stack} is gone: containers, volumes, networks, state and passphrase.`;
}

async function isWanted(question: string): Promise<boolean> {
  if (!canAsk()) throw new UserError("needs-yes", "destroy asks first, and nobody can answer", "Give --yes.");
  const wanted = await confirm(question);
  if (!wanted) note("Nothing was changed.");
  return wanted;
}

/**
 * @throws UserError `protected` that names the commands which unprotect the stack
 */
export function refuseProtected(
  stack: string,
  byConfig: boolean,
  resources: readonly Pick<StateResource, "protect" | "urn">[],
): void {
  const guarded = resources.filter(({ protect }) => protect).length;
  if (!byConfig && guarded === 0) return;
  const commands = [
    ...(byConfig ? [`./ecosphere pulumi config set protect false --stack ${stack}`] : []),
    ...(guarded > 0
      ? [
          `./ecosphere up --stack ${stack}   (or: ./ecosphere pulumi state unprotect --all --yes --stack ${stack})`,
        ]
      : []),
    `./ecosphere destroy --stack ${stack}`,
  ];
  throw new UserError(
    "protected",
    byConfig
      ? `the stack ${stack} is protected by its configuration (protect)`
      : `the stack ${stack} holds ${guarded} protected resources`,
    ["To destroy it all the same:", ...commands.map((command) => `  ${command}`)].join("\n"),
  );
}

function isProtectedByConfig({ config, folder }: PreparedStack): boolean {
  try {
    return parseSettings(config.values(), folder.stack).isProtected;
  } catch (error) {
    // Other faults must not stand in the way; what cannot be read counts as protected.
    if (!(error instanceof UserError)) throw error;
    return config.get("protect") !== "false";
  }
}

/** @throws UserError `pulumi-failed`, `interrupted`: what cannot be asked is not unknown */
async function isKnown(prepared: PreparedStack): Promise<boolean> {
  const { env, folder } = prepared;
  if (usesLocalBackend(env)) return hasLocalState(folder.stack);
  try {
    await capturePulumi(["stack", "export", "--stack", folder.stack, "--non-interactive"], prepared);
    return true;
  } catch (error) {
    const isMissing =
      error instanceof UserError && /^pulumi stack failed: no stack named /m.test(error.message);
    if (isMissing) return false;
    throw error;
  }
}

/** Takes away what the stack has on the disk; of the default backend only if the stack was there. */
function removeFiles({ env, folder }: PreparedStack): void {
  const { stack } = folder;
  const logs = join(pulumiHome, "logs");
  for (const name of existsSync(logs) ? readdirSync(logs) : []) {
    if (isLogOf(stack, name)) rmSync(join(logs, name), { force: true });
  }
  if (usesLocalBackend(env)) {
    const parts = ["backups", "history", "locks/organization"].map((part) => join(part, "ecosphere", stack));
    for (const part of parts) rmSync(join(localBackend, ".pulumi", part), { recursive: true, force: true });
    for (const suffix of [".json.bak", ".json.bak.attrs", ".json.attrs"]) {
      rmSync(join(localBackend, ".pulumi", "stacks", "ecosphere", `${stack}${suffix}`), { force: true });
    }
  } else if (hasLocalState(stack)) {
    // Its secrets are read with the passphrase in the folder.
    note(`A stack ${stack} is in this checkout's own state, too: ${folder.path} stays.`);
    return;
  }
  rmSync(folder.path, { recursive: true, force: true });
}

/** Whether Pulumi wrote the log `name` about this stack, and not about one whose name begins alike. */
export function isLogOf(stack: string, name: string): boolean {
  const prefix = `organization+ecosphere+${stack}-`;
  return name.startsWith(prefix) && /^\d{8}T\d{6}\b/.test(name.slice(prefix.length));
}

/** Says what was done, and what Docker still has under the stack's label. */
async function finish(stack: string, done: string): Promise<number> {
  const left = await leftovers(stack).catch(() => undefined);
  if (left === undefined) {
    note(`${done}\nDocker does not answer, so nobody can say whether it still has something of the stack.`);
    return 0;
  }
  if (left.length === 0) {
    note(done);
    return 0;
  }
  throw new UserError(
    "leftovers",
    `Docker still has something that is labelled ecosphere.stack=${stack}, and that no state here knows of:\n` +
      left.map((line) => `  ${line}`).join("\n"),
    "If no other checkout uses it, remove it:\n" + left.map((line) => `  docker ${line}`).join("\n"),
  );
}

/** What Docker has of a stack, as the arguments of the command that removes it. */
async function leftovers(stack: string): Promise<readonly string[]> {
  const docker = await connectDocker();
  const filters = JSON.stringify({ label: [`ecosphere.stack=${stack}`] });
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  const networks = await docker.listNetworks({ filters });
  return [
    ...containers.map(({ Names: [name], Id: id }) => `rm --force ${name?.slice(1) ?? id}`),
    ...volumes.map(({ Name: name }) => `volume rm ${name}`),
    ...networks.map(({ Name: name }) => `network rm ${name}`),
  ];
}
