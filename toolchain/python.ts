import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../lib/errors.ts";
import { aptInstall, canAptInstall } from "./apt.ts";
import { onPath } from "./installed.ts";
import { runTool, type Report } from "./run-tool.ts";

/** The first Python on the PATH that has pip, which is a package of its own on Debian. */
export async function findPip(): Promise<string | undefined> {
  for (const python of onPath("python3")) {
    const has = await promisify(execFile)(python, ["-m", "pip", "--version"], { timeout: 20_000 }).then(
      () => true,
      () => false,
    );
    if (has) return python;
  }
  return undefined;
}

interface PipOptions {
  readonly title: string;
  readonly hint: string;
  readonly report: Report;
  /** Of the file that is to be installed, in hexadecimal; another one is refused. */
  readonly sha256?: string;
}

/**
 * Installs one Python package into a folder, without what it depends on.
 * @param requirement such as `name==1.0`
 * @param hint how to do without Python
 * @throws UserError `no-pip`, `tool-failed`
 */
export async function pipInstall(requirement: string, folder: string, options: PipOptions): Promise<void> {
  const { title, hint, report } = options;
  if ((await findPip()) === undefined && canAptInstall()) {
    report("installing python3-pip");
    await aptInstall(["python3", "python3-pip"], report);
  }
  const python = await findPip();
  if (python === undefined) {
    const missing = onPath("python3").length === 0 ? "there is no Python 3" : "the Python 3 here has no pip";
    throw new UserError("no-pip", `${title}: ${missing}`, `${hint}\nOr install Python 3 with pip.`);
  }
  const quiet = ["--no-deps", "--no-compile", "--disable-pip-version-check"];
  const scratch = mkdtempSync(join(tmpdir(), "ecosphere-pip-"));
  try {
    // A checksum can be given in a file only.
    const list = join(scratch, "requirements.txt");
    const hash = options.sha256 === undefined ? "" : ` --hash=sha256:${options.sha256}`;
    writeFileSync(list, `${requirement}${hash}\n`);
    await runTool({
      command: python,
      args: ["-m", "pip", "install", ...quiet, "--target", folder, "--requirement", list],
      // These, set for other work, do not go together with a folder.
      env: { ...process.env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" },
      title,
      onLine: report,
      hint,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
