import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { projectRoot } from "../lib/paths.ts";
import { parseSettings } from "../lib/settings.ts";
import { prepareStack, type PreparedStack } from "../scripts/stack/prepare-stack.ts";
import { runProgram } from "../scripts/stack/run-program.ts";
import { initStack, runPulumi } from "../scripts/stack/run-pulumi.ts";
import { settlePorts } from "../scripts/stack/stack-ports.ts";
import { findBaseImage } from "../toolchain/base-image.ts";
import { time } from "./harness.ts";

/** A stack of this program for a benchmark, with a name and ports of its own. */
export interface BenchStack {
  readonly name: string;
  /** Seconds of `pulumi up` of the cluster alone: all containers, to the gate that opens on streaming replicas. */
  upCluster(): Promise<number>;
  /** Seconds of `pulumi up`: the cluster, its roles, its tables; no seed, no checks. */
  up(): Promise<number>;
  /** Seconds of `./ecosphere destroy`. */
  destroy(): Promise<number>;
}

export async function benchStack(): Promise<BenchStack> {
  const name = `bench-${randomBytes(4).toString("hex")}`;
  const ready = async (): Promise<PreparedStack> => {
    const stack = await prepareStack(name);
    const settings = parseSettings(stack.config.values(), name);
    const baseImage = (await findBaseImage(settings.baseImage)) ?? settings.baseImage;
    stack.config.set({ baseImage, protect: "false" });
    await settlePorts(stack.folder, stack.config, settings);
    await initStack(stack);
    return stack;
  };
  const up = async (...targets: readonly string[]): Promise<number> => {
    const stack = await ready();
    const options = targets.flatMap((target) => ["--target", target]);
    return time(() => quietly(stack, ["up", "--yes", "--skip-preview", "--non-interactive", ...options]));
  };
  return {
    name,
    upCluster: () => up(`urn:pulumi:${name}::ecosphere::ecosphere:cluster:PostgresCluster**`),
    up: () => up(),
    destroy: () =>
      time(async () => {
        // As a process of its own: what it prints must not get between the results.
        const args = ["destroy", "--yes", "--stack", name];
        const options = {
          cwd: projectRoot,
          env: process.env,
          output: "capture",
          interruption: "spares",
        } as const;
        const result = await runProgram(join(projectRoot, "ecosphere"), args, options);
        if (result.code !== 0) throw new UserError("bench", `${name} was not destroyed:\n${result.stderr}`);
      }),
  };
}

async function quietly(stack: PreparedStack, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runPulumi(args, stack, { output: "capture" });
  if (code !== 0) throw new UserError("bench", `pulumi ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
}
