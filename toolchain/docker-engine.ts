import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { connectDocker, dockerAddress } from "../lib/docker.ts";
import { messageOf, UserError } from "../lib/errors.ts";
import { eventually } from "../lib/poll.ts";
import { onPath } from "./installed.ts";
import { logPath, runTool, type Report } from "./run-tool.ts";
import type { Step } from "./step.ts";

const startWithinMs = 60_000;

/** The step that has Docker Engine running: installed and started where that is ours to do. */
export const dockerEngineStep: Step = {
  title: "Docker Engine",
  way: "installed by apt-get and started, as root on Debian and Ubuntu",
  async find() {
    try {
      const { Version: version } = await (await connectDocker()).version();
      return `${version}, at ${dockerAddress()}`;
    } catch {
      return undefined;
    }
  },
  async get(report) {
    try {
      await connectDocker();
      return;
    } catch (error) {
      const isRemote = process.env["DOCKER_HOST"] !== undefined;
      if (isRemote || process.platform !== "linux" || process.getuid?.() !== 0) throw error;
      if (onPath("dockerd").length === 0) await install(report, messageOf(error));
    }
    await start(report);
  },
};

/** The environment and options for apt-get without any question. */
export async function aptInstall(packages: readonly string[], report: Report): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const title = `apt-get ${packages.join(" ")}`;
  const hint = `Run it by hand: apt-get update && apt-get install ${packages.join(" ")}`;
  const run = (args: readonly string[]): Promise<void> =>
    runTool({ command: "apt-get", args, title, env, onLine: report, hint });
  const install = ["install", "--yes", "--no-install-recommends", ...packages];
  // The lists of a fresh machine are empty or old; those of another need no second look.
  await run(install).catch(async () => {
    await run(["update"]);
    await run(install);
  });
}

async function install(report: Report, reason: string): Promise<void> {
  if (onPath("apt-get").length === 0) {
    throw new UserError(
      "docker-missing",
      reason,
      "Install Docker Engine: https://docs.docker.com/engine/install",
    );
  }
  report("installing docker.io");
  await aptInstall(["docker.io", "iptables"], report);
}

async function start(report: Report): Promise<void> {
  report("starting");
  const log = logPath("dockerd");
  if (existsSync("/run/systemd/system")) {
    await runTool({ command: "systemctl", args: ["start", "docker"], title: "start docker" });
  } else {
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, "a");
    // It outlives this command: the cluster runs in it.
    spawn("dockerd", { detached: true, stdio: ["ignore", output, output] })
      .on("error", () => undefined)
      .unref();
  }
  try {
    await eventually({ what: "Docker to answer", withinMs: startWithinMs }, async () => {
      await connectDocker();
      return true;
    });
  } catch (error) {
    const tail = existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-10).join("\n") : "";
    throw new UserError(
      "docker-start",
      `Docker Engine does not start: ${messageOf(error)}\n${tail}`,
      existsSync(log) ? `The whole log: ${log}` : "See: journalctl -u docker",
    );
  }
}
