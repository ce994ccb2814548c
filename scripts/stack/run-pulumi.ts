import { UserError } from "../../lib/errors.ts";
import { projectRoot } from "../../lib/paths.ts";
import { usesLocalBackend } from "./environment.ts";
import { hasLocalState, prepareStack, withProjectCopy, type PreparedStack } from "./prepare-stack.ts";
import { runProgram, type ProgramOptions, type ProgramResult } from "./run-program.ts";

/** Runs the Pulumi CLI on a stack; the stack is made known to the backend first when `init` is set. */
export async function runPulumi(
  args: readonly string[],
  stack: string | PreparedStack,
  options: Partial<Omit<ProgramOptions, "env">> & { readonly init?: boolean } = {},
): Promise<ProgramResult> {
  const prepared = typeof stack === "string" ? await prepareStack(stack) : stack;
  const { init, ...programOptions } = options;
  if (init) await initStack(prepared);
  return runProgram(prepared.cli.path, args, { cwd: projectRoot, ...programOptions, env: prepared.env });
}

/** As `runPulumi`, with the output captured. @throws UserError `pulumi-failed` with Pulumi's own words */
export async function capturePulumi(args: readonly string[], stack: string | PreparedStack): Promise<string> {
  const result = await runPulumi(args, stack, { output: "capture" });
  if (result.code === 0) return result.stdout;
  if (result.code === 130) throw new UserError("interrupted", "interrupted");
  const said = (result.stderr.trim() || result.stdout.trim()).replace(/^error: /, "");
  throw new UserError("pulumi-failed", `pulumi ${args[0] ?? ""} failed: ${said}`);
}

/** Makes the stack in the backend when it is not there. */
export async function initStack(prepared: PreparedStack): Promise<void> {
  const { folder, env } = prepared;
  if (usesLocalBackend(env) && hasLocalState(folder.stack)) return;
  const result = await withProjectCopy(folder, (cwd) =>
    runProgram(prepared.cli.path, ["stack", "init", folder.stack, "--non-interactive"], {
      cwd,
      env,
      output: "capture",
    }),
  );
  if (result.code === 0 || /already exists/.test(result.stderr)) return;
  throw new UserError("stack-init", `the stack could not be made: ${result.stderr.trim()}`);
}
