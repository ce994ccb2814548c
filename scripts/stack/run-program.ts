import { spawn } from "node:child_process";
import { constants } from "node:os";

/** How a program that a command started has ended. */
export interface ProgramResult {
  /** The exit code; 128 and the signal's number when a signal ended it; 130 when it was interrupted. */
  readonly code: number;
  /** Empty unless captured. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What `runProgram` lets choose. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** `inherit` shows everything; `capture` keeps both outputs; `progress` sends stdout to stderr. */
  readonly output?: "inherit" | "capture" | "progress";
  /** Written to the program's stdin, which is otherwise the terminal's. */
  readonly input?: string;
  /**
   * `ends` it (the default): it is told once, and waited for. `reaches`: for a program that goes on after Ctrl-C, such as a
   * shell, every signal reaches it, and its own end counts. `spares`: for cleaning up, no signal reaches it.
   */
  readonly interruption?: "ends" | "reaches" | "spares";
  /** Called with each piece of captured output, for a progress display. */
  readonly onOutput?: (text: string) => void;
}

let running = 0;

/** Whether a program runs whose end is to be waited for before this process may end. */
export function isProgramRunning(): boolean {
  return running > 0;
}

/**
 * Runs a program to its end. An interruption reaches it exactly once, since a second one makes Pulumi give up
 * half way; then its end is waited for, so that it can finish what it is doing and unlock the stack.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const output = options.output ?? "inherit";
  // A terminal sends Ctrl-C to every process of the foreground group. Without one, only we are told, or
  // the whole group is: a group of its own makes us the only way for a signal.
  const { interruption = "ends" } = options;
  const isInteractive = process.stdin.isTTY && options.input === undefined && interruption !== "spares";
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: options.env,
    detached: !isInteractive,
    stdio: [
      options.input !== undefined ? "pipe" : interruption === "spares" ? "ignore" : "inherit",
      output === "capture" ? "pipe" : output === "progress" ? 2 : "inherit",
      output === "capture" ? "pipe" : "inherit",
    ],
  });
  const collected = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      collected[name] += text;
      options.onOutput?.(text);
    });
  }
  // A program that ends without reading its input breaks the pipe; its exit code says why.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.input);

  let interrupted = false;
  const forward = (signal: NodeJS.Signals): void => {
    const hasIt = isInteractive && signal === "SIGINT";
    switch (interruption) {
      case "spares":
        return;
      case "reaches":
        if (!hasIt) child.kill(signal);
        return;
      case "ends":
        if (!interrupted && !hasIt) child.kill("SIGINT");
        interrupted = true;
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, forward);
  running++;
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => {
        resolve(interrupted ? 130 : signal === null ? (exitCode ?? 1) : 128 + constants.signals[signal]);
      });
    });
    return { code, ...collected };
  } finally {
    running--;
    for (const signal of signals) process.off(signal, forward);
  }
}
