import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";
import { findPulumiCli, type PulumiCli } from "../../toolchain/pulumi-cli.ts";
import { placePlugins } from "../../toolchain/plugins.ts";
import { placeLanguageHost } from "../../toolchain/pulumi-home.ts";
import { hasOwnPassphrase, localBackend, stackVariables } from "./environment.ts";
import { ensurePassphrase } from "./passphrase.ts";
import { StackConfig } from "./stack-config.ts";
import { stackFolder, type StackFolder } from "./stack-folder.ts";

/** A stack that commands can work on: its files are there, its tools are known. */
export interface PreparedStack {
  readonly folder: StackFolder;
  readonly config: StackConfig;
  /** The whole environment for `pulumi` and for every other program that a command starts. */
  readonly env: NodeJS.ProcessEnv;
  /** The variables of `env` that are not simply inherited. */
  readonly variables: Readonly<Record<string, string>>;
  readonly cli: PulumiCli;
}

/**
 * Brings the stack's files up to date and finds the tools; installs nothing, and starts Pulumi not at all.
 * @throws UserError `stack-name`, `no-pulumi`, `passphrase-missing`, `config-syntax`
 */
export async function prepareStack(stack: string): Promise<PreparedStack> {
  const folder = stackFolder(stack);
  const cli = await findPulumiCli();
  if (!cli) {
    throw new UserError("no-pulumi", "the Pulumi CLI is not here yet", "Get it with ./ecosphere up.");
  }
  placePlugins();
  if (!cli.hasLanguageHost) placeLanguageHost();
  const config = StackConfig.open(folder);
  if (!hasOwnPassphrase() && !existsSync(folder.passphrase)) {
    if (config.hasSecretsProvider || hasLocalState(stack)) throw passphraseMissing(stack);
    ensurePassphrase(folder.passphrase);
  }
  const variables = stackVariables({ folder, cliFolder: join(cli.path, "..") });
  return { folder, config, variables, env: { ...process.env, ...variables }, cli };
}

/** Whether the default backend holds a state of the stack. */
export function hasLocalState(stack: string): boolean {
  return existsSync(join(localBackend, ".pulumi", "stacks", "ecosphere", `${stack}.json`));
}

/**
 * Runs `initialize` in a folder with a copy of Pulumi.yaml: `pulumi stack init` writes the salt beside the
 * project file whatever PULUMI_OPTION_CONFIG_FILE says, and there that is the stack's own copy.
 */
export async function withProjectCopy<T>(
  folder: StackFolder,
  initialize: (cwd: string) => Promise<T>,
): Promise<T> {
  const copy = join(folder.path, "Pulumi.yaml");
  copyFileSync(join(projectRoot, "Pulumi.yaml"), copy);
  try {
    return await initialize(folder.path);
  } finally {
    rmSync(copy);
  }
}

function passphraseMissing(stack: string): UserError {
  return new UserError(
    "passphrase-missing",
    `the stack "${stack}" exists, and was not made with a passphrase of ./ecosphere`,
    "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that you made it with.",
  );
}
