import { homedir } from "node:os";
import { existsSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { messageOf, UserError } from "./errors.ts";

const pingTimeoutMs = 10_000;

/** The daemon that `connectDocker` talks to: DOCKER_HOST, or the default socket. For messages. */
export function dockerAddress(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment["DOCKER_HOST"];
  if (configured) return configured;
  const desktop = join(homedir(), ".docker", "run", "docker.sock");
  return `unix://${existsSync(desktop) ? desktop : "/var/run/docker.sock"}`;
}

/**
 * A client of the Docker daemon, which has just answered a ping.
 * @throws UserError `docker-unreachable`: which address was tried, why it failed, how to start the daemon.
 */
export async function connectDocker(): Promise<Docker> {
  const address = dockerAddress();
  try {
    // The time-out holds for every request of a client, so the ping has one of its own: a wait may be long.
    await clientOf(address, pingTimeoutMs).ping();
    return clientOf(address);
  } catch (error) {
    throw unreachable(address, error);
  }
}

/** Whether Docker says that the container, volume, image or file does not exist. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether Docker refuses because of the state the object is in, such as a signal to a stopped container. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

function clientOf(address: string, timeoutMs?: number): Docker {
  const timeout = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  // The path is given, or the client would look for a socket by rules of its own.
  return address.startsWith("unix://")
    ? new Docker({ socketPath: address.slice("unix://".length), ...timeout })
    : new Docker(timeout);
}

function unreachable(address: string, error: unknown): UserError {
  const { reason, hint } = explanations[codeOf(error) ?? ""] ?? { reason: messageOf(error), hint: start };
  return new UserError("docker-unreachable", `Docker does not answer at ${address}: ${reason}`, hint);
}

const start =
  "Start it (`sudo systemctl start docker`, or open Docker Desktop), or set DOCKER_HOST to where it listens; " +
  "`./ecosphere doctor` says what is missing.";
const forbidden = {
  reason: "your user may not open the socket",
  hint: "Add it to the docker group (`sudo usermod -aG docker $USER`) and log in again.",
};
const silent = {
  reason: `the connection was closed, or no answer came within ${pingTimeoutMs / 1000} s`,
  hint: "Restart the daemon: `sudo systemctl restart docker`, or Docker Desktop's own restart.",
};

/** By the code of the system's error. */
const explanations: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  ENOENT: { reason: "there is no such socket, so Docker is not installed or not running", hint: start },
  ECONNREFUSED: { reason: "nothing listens there, so the Docker daemon is not running", hint: start },
  EACCES: forbidden,
  EPERM: forbidden,
  ECONNRESET: silent,
  EPIPE: silent,
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : undefined;
}
