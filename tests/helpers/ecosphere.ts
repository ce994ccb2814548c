import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connectDocker } from "../../lib/docker.ts";
import { projectRoot, stateFolder } from "../../lib/paths.ts";
import { within } from "./timeouts.ts";

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for messages. */
  readonly output: string;
}

/** A stack of its own for one test file. What the tests leave of it goes when it is disposed of. */
export class TestStack implements AsyncDisposable {
  readonly name = `e2e-${randomBytes(4).toString("hex")}`;

  /** `./ecosphere ARGS --stack NAME`, without a terminal. */
  ecosphere(...args: readonly string[]): Promise<Run> {
    const at = args.indexOf("--");
    const own = at < 0 ? args : args.slice(0, at);
    const rest = at < 0 ? [] : args.slice(at);
    return runCommand([join(projectRoot, "ecosphere"), ...own, "--stack", this.name, ...rest]);
  }

  /** What is left of the stack, on Docker and on the disk; empty when it is gone. */
  async leftovers(): Promise<string[]> {
    const docker = await connectDocker();
    const filters = JSON.stringify({ label: [`ecosphere.stack=${this.name}`] });
    const containers = await docker.listContainers({ all: true, filters });
    const { Volumes: volumes } = await docker.listVolumes({ filters });
    const networks = await docker.listNetworks({ filters });
    const files = [
      join(stateFolder, "stacks", this.name),
      join(stateFolder, "state", ".pulumi", "stacks", "ecosphere", `${this.name}.json`),
      join(stateFolder, "state", ".pulumi", "history", "ecosphere", this.name),
      join(stateFolder, "state", ".pulumi", "backups", "ecosphere", this.name),
    ];
    return [
      ...containers.map(({ Names }) => `container ${String(Names)}`),
      ...volumes.map(({ Name }) => `volume ${Name}`),
      ...networks.map(({ Name }) => `network ${Name}`),
      ...files.filter((path) => existsSync(path)),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((await this.leftovers()).length === 0) return;
    await this.ecosphere("pulumi", "config", "set", "protect", "false");
    await this.ecosphere("pulumi", "state", "unprotect", "--all", "--yes");
    await this.ecosphere("destroy", "--yes");
    const docker = await connectDocker();
    const filters = JSON.stringify({ label: [`ecosphere.stack=${this.name}`] });
    for (const { Id } of await docker.listContainers({ all: true, filters })) {
      await docker.getContainer(Id).remove({ force: true, v: true });
    }
    for (const { Name } of (await docker.listVolumes({ filters })).Volumes)
      await docker.getVolume(Name).remove();
    for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  }
}

/** Runs a program to its end, whatever its exit code. @param input what it reads */
export function runCommand(
  command: readonly string[],
  cwd = projectRoot,
  env: NodeJS.ProcessEnv = process.env,
  input = "",
): Promise<Run> {
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: within.pulumiOperation, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
      resolve({ code, stdout, stderr, output: `${stdout}\n${stderr}` });
    });
    // One that does not read to the end is no fault.
    child.stdin?.on("error", () => undefined).end(input);
  });
}
