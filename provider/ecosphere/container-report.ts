import type Docker from "dockerode";
import { connectDocker, isNotFound } from "../../lib/docker.ts";
import { messageOf } from "../../lib/errors.ts";

const lastLines = 5;
const maxLineLength = 300;

/**
 * What a user must know of containers that are not well, one line each with their last log lines below.
 * @param containers ids or names
 * @param redact texts that must not appear, whatever a container logged
 */
export async function reportContainers(
  containers: readonly string[],
  redact: readonly string[],
): Promise<string> {
  if (containers.length === 0) return "";
  try {
    const docker = await connectDocker();
    const reports = await Promise.all(containers.map((id) => reportContainer(docker, id)));
    const unwell = reports.flat();
    if (unwell.length === 0) return "All its containers are running.";
    return redact.reduce((report, secret) => report.replaceAll(secret, "***"), unwell.join("\n"));
  } catch (error) {
    return `Its containers could not be inspected: ${messageOf(error)}`;
  }
}

async function reportContainer(docker: Docker, id: string): Promise<string[]> {
  const container = docker.getContainer(id);
  try {
    const { Name, State, Config } = await container.inspect();
    const trouble = describeTrouble(State);
    if (trouble === undefined) return [];
    const options = { stdout: true, stderr: true, tail: lastLines, follow: false } as const;
    const log = await container.logs(options);
    const lines = logLines(Config.Tty ? [log] : demultiplex(log));
    const ending = lines.length > 0 ? "; its last lines:" : "; it logged nothing";
    return [`${Name.replace(/^\//, "")} ${trouble}${ending}`, ...lines.map((line) => `    ${line}`)];
  } catch (error) {
    if (isNotFound(error)) return [`container ${id.slice(0, 12)} does not exist any more`];
    throw error;
  }
}

function describeTrouble(state: Docker.ContainerInspectInfo["State"]): string | undefined {
  if (state.Restarting) return `restarts again and again (exit code ${state.ExitCode})`;
  if (state.Paused) return "is paused";
  if (!state.Running) return `is ${state.Status} (exit code ${state.ExitCode})`;
  return state.Health?.Status === "unhealthy" ? "is running, but unhealthy" : undefined;
}

/** Docker's log stream: frames of a stream number, three zeros, a length of four bytes, and that many bytes. */
export function demultiplex(log: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length;) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    frames.push(log.subarray(at + 8, end));
    at = end;
  }
  return frames;
}

function logLines(frames: readonly Buffer[]): string[] {
  return Buffer.concat(frames)
    .toString("utf8")
    .split("\n")
    .map((line) => line.trimEnd().slice(0, maxLineLength))
    .filter((line) => line !== "")
    .slice(-lastLines);
}
