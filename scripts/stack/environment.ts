import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stateFolder } from "../../lib/paths.ts";
import { pulumiHome, shellQuote, userPulumiHome } from "../../toolchain/pulumi-home.ts";
import type { StackFolder } from "./stack-folder.ts";

/** The default backend: a folder of the checkout. */
export const localBackend = join(stateFolder, "state");

const localBackendUrl = `${pathToFileURL(localBackend).href}?create_dir=true`;

/** Whether the state is in the checkout, which it is until the user names another place. */
export function usesLocalBackend(env: NodeJS.ProcessEnv = process.env): boolean {
  const url = env["PULUMI_BACKEND_URL"] ?? "";
  return url === "" || url === localBackendUrl;
}

/** What the environment depends on besides the process's own. */
export interface EnvironmentInputs {
  readonly folder: StackFolder;
  /** The folder of the Pulumi CLI. */
  readonly cliFolder: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The variables that make `pulumi` work on a stack of this project; what the user has set stays. No secret
 * is among them: the passphrase is named by its file.
 */
export function stackVariables(inputs: EnvironmentInputs): Record<string, string> {
  const { folder, cliFolder } = inputs;
  const env = inputs.env ?? process.env;
  const variables: Record<string, string> = {
    PATH: prepend([dirname(process.execPath), cliFolder], env["PATH"] ?? ""),
    PULUMI_HOME: pulumiHome,
    PULUMI_STACK: folder.stack,
    PULUMI_OPTION_CONFIG_FILE: folder.config,
    // The program reports all faults of the configuration at once, with values; the CLI one, without.
    PULUMI_OPTION_SKIP_CONFIG_VALIDATION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const login = userPulumiHome(env);
  if (!env["PULUMI_CREDENTIALS_PATH"] && existsSync(join(login, "credentials.json"))) {
    variables["PULUMI_CREDENTIALS_PATH"] = login;
  }
  // Absolute, since commands run in other folders too.
  if (usesLocalBackend(env)) variables["PULUMI_BACKEND_URL"] = localBackendUrl;
  if (!hasOwnPassphrase(env)) variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = folder.passphrase;
  return variables;
}

/** Whether the user gives the passphrase; an empty one counts. */
export function hasOwnPassphrase(env: NodeJS.ProcessEnv = process.env): boolean {
  const file = env["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
  // One that `./ecosphere env` has set is ours, whichever stack it was for.
  const isOurs = file.startsWith(join(stateFolder, "stacks"));
  return env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || (file !== "" && !isOurs);
}

/** `export` lines for a POSIX shell. */
export function renderExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellQuote(value)}\n`)
    .join("");
}

function prepend(folders: readonly string[], path: string): string {
  const rest = path.split(delimiter).filter((folder) => folder !== "" && !folders.includes(folder));
  return [...new Set(folders), ...rest].join(delimiter);
}
