import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, openSync, readFileSync, type WriteStream } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { cacheFolder } from "./cache.ts";

/** Shows one line of what a step is doing. */
export type Report = (line: string) => void;

/** A program that a step runs, with everything that it prints kept in a log. */
export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  /** Names the log. */
  readonly title: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What to do when it fails, after the log's tail. */
  readonly hint?: string;
  readonly timeoutMs?: number;
  /** Is given each line. */
  readonly onLine?: Report;
}

const tailLines = 15;

/** Where the output of a step goes. */
export function logPath(title: string): string {
  return join(cacheFolder(), "logs", `${title.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.log`);
}

/** Runs a program to its end. @throws UserError `tool-failed` with the tail of its log and the log's path */
export async function runTool(tool: ToolRun): Promise<void> {
  const path = logPath(tool.title);
  mkdirSync(dirname(path), { recursive: true });
  const log = createWriteStream(path, { fd: openSync(path, "w") });
  // A log that cannot be written, as on a full disk, is no reason to stop the tool.
  log.on("error", () => undefined);
  log.write(`${[tool.command, ...tool.args].join(" ")}\n`);
  const child = spawn(tool.command, [...tool.args], {
    cwd: tool.cwd,
    env: tool.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(tool.timeoutMs === undefined ? {} : { timeout: tool.timeoutMs }),
  });
  const stop = (): void => {
    child.kill();
  };
  process.once("exit", stop);
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    let rest = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      const lines = `${rest}${text}`.split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") tool.onLine?.(line.trim());
    });
  }
  try {
    const ending = await new Promise<string | undefined>((resolve, reject) => {
      child.once("error", (error) => {
        reject(
          new UserError("tool-failed", `${tool.command} could not be started: ${error.message}`, tool.hint),
        );
      });
      child.once("close", (code, signal) => {
        if (code === 0) resolve(undefined);
        else resolve(code === null ? `was ended by ${signal ?? "a signal"}` : `ended with code ${code}`);
      });
    });
    await closed(log);
    if (ending !== undefined) throw failed(tool, ending, path);
  } finally {
    process.off("exit", stop);
    await closed(log);
  }
}

async function closed(log: WriteStream): Promise<void> {
  if (log.closed) return;
  log.end();
  await once(log, "close");
}

function failed(tool: ToolRun, ending: string, path: string): UserError {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
  const tail = lines.slice(-tailLines).map((line) => `    ${line}`);
  return new UserError(
    "tool-failed",
    [`${tool.title}: ${tool.command} ${ending}`, ...tail].join("\n"),
    [`The whole log: ${path}`, ...(tool.hint === undefined ? [] : [tool.hint])].join("\n"),
  );
}
