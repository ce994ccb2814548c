import { messageOf, UserError } from "../lib/errors.ts";

/** What a failed command says, and its exit code. */
export interface ErrorReport {
  readonly text: string;
  readonly exitCode: number;
}

/** The one place where an error becomes text and an exit code. */
export function reportError(error: unknown): ErrorReport {
  if (error instanceof UserError) {
    if (error.code === "interrupted") return { text: "interrupted\n", exitCode: 130 };
    const hint = error.hint === undefined ? [] : error.hint.split("\n").map((line) => `  ${line}`);
    return { text: [`error: ${error.message}`, ...hint, ""].join("\n"), exitCode: 1 };
  }
  const code = systemCode(error);
  if (code === "ENOSPC") {
    return {
      text: `error: the disk is full: ${messageOf(error)}\n  Free some space (docker system df shows Docker's share) and run the same command again.\n`,
      exitCode: 1,
    };
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  return {
    text: `error: this should not happen, and is a fault of ./ecosphere itself:\n${stack}\n`,
    exitCode: 1,
  };
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
