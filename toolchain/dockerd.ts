import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../lib/errors.ts";
import { eventually } from "../lib/poll.ts";

/** A daemon to start, and where it keeps the process id of one that runs. */
export interface Daemon {
  readonly command: string;
  readonly pidFiles: readonly PidFile[];
  /** Its output is added to this file. */
  readonly log: string;
  readonly withinMs: number;
}

/** Where a program writes its process id, so that it is not started twice. */
export interface PidFile {
  readonly path: string;
  readonly program: string;
}

/**
 * Starts the daemon, which outlives this process, and waits until `ping` resolves. One that runs already is
 * only waited for. Throws as soon as the daemon has ended, or when the time is over.
 */
export async function startDaemon(daemon: Daemon, ping: () => Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const running = daemon.pidFiles.map((file) => clearStalePid(file));
  if (running[0] !== true) {
    mkdirSync(dirname(daemon.log), { recursive: true });
    const output = openSync(daemon.log, "a");
    spawn(daemon.command, { detached: true, stdio: ["ignore", output, output] })
      .on("error", (error) => {
        ended.abort(error);
      })
      .on("exit", (code, signal) => {
        ended.abort(new Error(`${daemon.command} ended with ${signal ?? `code ${String(code)}`}`));
      })
      .unref();
    closeSync(output);
  }
  const what = `${daemon.command} to answer`;
  const answered = async (): Promise<true> => {
    await ping();
    return true;
  };
  try {
    await eventually({ what, withinMs: daemon.withinMs, signal: ended.signal }, answered);
  } catch (error) {
    // It may have ended because another one was faster.
    await ping().catch(() => {
      throw new Error([messageOf(error), ...tailOf(daemon.log)].join("\n"));
    });
  }
}

/**
 * Whether the process of a pid file is the program itself. When it is not, the file goes: after a crash the
 * number may belong to any other program, and the daemon would take that for itself and not start.
 * @param processes for tests
 */
export function clearStalePid({ path, program }: PidFile, processes = "/proc"): boolean {
  const pid = contentOf(path)?.trim();
  if (pid === undefined) return false;
  if (/^\d+$/.test(pid) && contentOf(join(processes, pid, "comm"))?.trim() === program) return true;
  rmSync(path, { force: true });
  return false;
}

function tailOf(log: string): string[] {
  return contentOf(log)?.trimEnd().split("\n").slice(-10) ?? [];
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
