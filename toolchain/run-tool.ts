import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
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
  /** After this it is ended, and counts as failed. */
  readonly timeoutMs?: number;
  /** Is given each line. */
  readonly onLine?: Report;
}

const tailLines = 15;

/** How long the rest of a stopped program's output is waited for. */
const drainMs = 500;

/** Where the output of a step goes. */
export function logPath(title: string): string {
  return join(cacheFolder(), "logs", `${title.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.log`);
}

/** Runs a program to its end. @throws UserError `tool-failed` with the last lines it printed and the log's path */
export async function runTool(tool: ToolRun): Promise<void> {
  const path = logPath(tool.title);
  const log = openLog(path);
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
  const tail: string[] = [];
  const show = (line: string): void => {
    if (line.trim() === "") return;
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    tool.onLine?.(line.trim());
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      log.write(text);
      const lines = `${rest}${text}`.split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      lines.forEach(show);
    });
    stream.on("end", () => {
      show(rest);
    });
  }
  child.once("exit", (_code, signal) => {
    if (signal === null) return;
    // What a stopped program had started itself may hold the pipes open for long.
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, drainMs);
  });
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
    if (ending !== undefined) throw failed(tool, ending, tail, path);
  } finally {
    process.off("exit", stop);
    log.close();
  }
}

/** A log that cannot be written, as on a full disk, is no reason to stop or to hold up the tool. */
function openLog(path: string): { write(text: string): void; close(): void } {
  let file: number | undefined;
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch {
      // There is nobody to tell who could do anything about it.
    }
  };
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(path, "w");
  });
  return {
    write: (text) => {
      attempt(() => {
        if (file !== undefined) writeSync(file, text);
      });
    },
    close: () => {
      attempt(() => {
        if (file !== undefined) closeSync(file);
      });
    },
  };
}

function failed(tool: ToolRun, ending: string, tail: readonly string[], path: string): UserError {
  return new UserError(
    "tool-failed",
    [`${tool.title}: ${tool.command} ${ending}`, ...tail.map((line) => `    ${line}`)].join("\n"),
    [`The whole log: ${path}`, ...(tool.hint === undefined ? [] : [tool.hint])].join("\n"),
  );
}
