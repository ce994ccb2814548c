import { existsSync } from "node:fs";
import { connectDocker, dockerAddress } from "../lib/docker.ts";
import { messageOf, UserError } from "../lib/errors.ts";
import { eventually } from "../lib/poll.ts";
import { aptInstall, aptKnows, canAptInstall } from "./apt.ts";
import { startDaemon, type PidFile } from "./dockerd.ts";
import { onPath } from "./installed.ts";
import { logPath, runTool, type Report } from "./run-tool.ts";
import type { Step } from "./step.ts";

const startWithinMs = 60_000;

/** Docker's own comes first: when it is running, there is nothing to start. */
const pidFiles: readonly PidFile[] = [
  { path: "/var/run/docker.pid", program: "dockerd" },
  { path: "/var/run/docker/containerd/containerd.pid", program: "containerd" },
];

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

async function install(report: Report, reason: string): Promise<void> {
  if (!canAptInstall()) {
    throw new UserError(
      "docker-missing",
      reason,
      "Install Docker Engine: https://docs.docker.com/engine/install",
    );
  }
  report("installing docker.io");
  await aptInstall(["docker.io", "iptables"], report);
  // Newer releases have the command in a package of its own; the engine does without.
  if (onPath("docker").length === 0 && (await aptKnows("docker-cli"))) {
    await aptInstall(["docker-cli"], report).catch(() => undefined);
  }
}

async function start(report: Report): Promise<void> {
  report("starting");
  const isManaged = existsSync("/run/systemd/system");
  const daemon = { command: "dockerd", log: logPath("dockerd"), pidFiles, withinMs: startWithinMs };
  try {
    if (isManaged) {
      await runTool({ command: "systemctl", args: ["start", "docker"], title: "start docker" });
      await eventually({ what: "Docker to answer", withinMs: startWithinMs }, connectDocker);
    } else {
      await startDaemon(daemon, connectDocker);
    }
  } catch (error) {
    throw new UserError(
      "docker-start",
      `Docker Engine does not start: ${messageOf(error)}`,
      isManaged ? "See: journalctl -u docker" : `The whole log: ${daemon.log}`,
    );
  }
}
