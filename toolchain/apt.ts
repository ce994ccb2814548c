import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { onPath } from "./installed.ts";
import { runTool, type Report } from "./run-tool.ts";

// On a fresh machine the automatic updates hold the lock for minutes.
const options = ["-o", "DPkg::Lock::Timeout=300"];

/** Whether we may install packages of Debian or Ubuntu: only as root. */
export function canAptInstall(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0 && onPath("apt-get").length > 0;
}

/** Installs packages without any question. @throws UserError `tool-failed` */
export async function aptInstall(packages: readonly string[], report: Report): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const title = `apt-get ${packages.join(" ")}`;
  const hint = `Run it by hand: apt-get update && apt-get install ${packages.join(" ")}`;
  const run = (args: readonly string[]): Promise<void> =>
    runTool({ command: "apt-get", args: [...options, ...args], title, env, onLine: report, hint });
  const install = ["install", "--yes", "--no-install-recommends", ...packages];
  // The lists of a fresh machine are empty or old; those of another need no second look.
  await run(install).catch(async () => {
    await run(["update"]);
    await run(install);
  });
}

/** Whether the lists of packages have this one. */
export async function aptKnows(name: string): Promise<boolean> {
  return promisify(execFile)("apt-cache", ["show", "--no-all-versions", name]).then(
    ({ stdout }) => stdout.trim() !== "",
    () => false,
  );
}
