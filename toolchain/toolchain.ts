import { runSteps } from "./run-steps.ts";
import { baseImageStep } from "./base-image.ts";
import { dockerEngineStep } from "./docker-engine.ts";
import { pluginSteps } from "./plugins.ts";
import { pulumiCliStep } from "./pulumi-cli.ts";
import type { Step } from "./step.ts";

/** What is needed to run Pulumi on the program, which may do without Docker. */
export const pulumiSteps: readonly Step[] = [pulumiCliStep, ...pluginSteps];

/** What is needed for a container: the engine, and the image that ours are built on. */
export function dockerSteps(baseImage: string): readonly Step[] {
  return [dockerEngineStep, baseImageStep(baseImage)];
}

/** Gets the Pulumi CLI and the plugins, where they are missing. @throws UserError */
export function ensurePulumi(): Promise<void> {
  return runSteps(pulumiSteps);
}

/** Gets everything that a deployment needs. @throws UserError */
export function ensureToolchain(baseImage: string): Promise<void> {
  return runSteps([...dockerSteps(baseImage), ...pulumiSteps]);
}
