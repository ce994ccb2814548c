import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { projectRoot, stateFolder } from "../lib/paths.ts";
import { pluginVersions, pulumiVersion, type PluginName } from "./versions.ts";

/** The project's own PULUMI_HOME: what is put here never reaches another project of the user. */
export const pulumiHome = join(stateFolder, "pulumi-home");

const pluginsFolder = join(pulumiHome, "plugins");

/** The user's PULUMI_HOME, with the log-in and the plugins that are installed already. */
export function userPulumiHome(env: NodeJS.ProcessEnv = process.env): string {
  const home = env["PULUMI_HOME"];
  return home && home !== pulumiHome ? home : join(homedir(), ".pulumi");
}

/** The name of a plugin's folder, the one that Pulumi itself would use. */
export function pluginFolderName(name: PluginName): string {
  return `resource-${name}-v${pluginVersions[name]}`;
}

/** Whether the user has installed exactly this plugin. */
export function hasUserPlugin(name: PluginName, env: NodeJS.ProcessEnv = process.env): boolean {
  return existsSync(join(userPulumiHome(env), "plugins", pluginFolderName(name), `pulumi-resource-${name}`));
}

/**
 * Makes every plugin that the user has installed visible in the project's home. Pulumi wants a real folder
 * for each plugin, so the files in it are linked.
 */
export function linkUserPlugins(env: NodeJS.ProcessEnv = process.env): void {
  const source = join(userPulumiHome(env), "plugins");
  if (!existsSync(source)) return;
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    if (entry.isDirectory()) linkPlugin(entry.name, join(source, entry.name));
  }
}

/** Links the files of `source` into the plugin folder `folderName` of the project's home. */
export function linkPlugin(folderName: string, source: string): void {
  const folder = join(pluginsFolder, folderName);
  mkdirSync(folder, { recursive: true });
  const names = new Set(readdirSync(source));
  for (const name of readdirSync(folder))
    if (!names.has(name)) rmSync(join(folder, name), { recursive: true });
  for (const name of names) link(join(source, name), join(folder, name));
}

/**
 * Makes a plugin in the project's home that starts `command`.
 * @param folderName for instance `language-nodejs-v3.253.0`
 */
export function placeLauncher(folderName: string, executable: string, command: readonly string[]): void {
  const folder = join(pluginsFolder, folderName);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name !== executable) rmSync(join(folder, name));
  writeIfChanged(join(folder, executable), `#!/bin/sh\nexec ${command.map(shellQuote).join(" ")} "$@"\n`);
}

/** The language host of this project, for a CLI that came without one. */
export function placeLanguageHost(): void {
  const main = join(projectRoot, "toolchain", "language-host", "main.ts");
  const command = [process.execPath, "--no-warnings", main];
  placeLauncher(`language-nodejs-v${pulumiVersion}`, "pulumi-language-nodejs", command);
}

/** The project's stand-in for an official plugin, of which it has what the program uses. */
export function placeStandIn(name: Exclude<PluginName, "docker">): void {
  const executable = `pulumi-resource-${name}`;
  const command = [join(projectRoot, "toolchain", "stand-ins", name, executable)];
  placeLauncher(pluginFolderName(name), executable, command);
}

/** Quotes a word for a POSIX shell. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function link(target: string, path: string): void {
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (existing?.isSymbolicLink() && readlinkSync(path) === target) return;
  if (existing) rmSync(path, { recursive: true });
  symlinkSync(target, path);
}

function writeIfChanged(path: string, content: string): void {
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (existing?.isFile() && readFileSync(path, "utf8") === content && statSync(path).mode & 0o100) return;
  // A link would lead the write into the user's own home.
  if (existing) rmSync(path);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
}
