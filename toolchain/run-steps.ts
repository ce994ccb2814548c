import type { ListrDefaultRendererLogLevels, ListrLogLevels } from "listr2";
import { messageOf, UserError } from "../lib/errors.ts";
import type { Report } from "./run-tool.ts";
import type { Step } from "./step.ts";

/** How often a step tells where it is when there is no terminal to draw on. */
const plainReportEveryMs = 20_000;

/**
 * Gets what is missing, side by side where no step needs another, with title, progress and time on stderr.
 * When nothing is missing it says nothing.
 * @throws UserError with what every failed step said, after the others have ended
 */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const found = await Promise.all(steps.map((step) => step.find()));
  const missing = steps.filter((_, at) => found[at] === undefined);
  if (missing.length === 0) return;
  // Loaded only when there is something to show.
  const { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } = await import("listr2");
  const processOutput = new ProcessOutput(process.stderr, process.stderr);
  const isTerminal = process.stderr.isTTY;
  const ends = new Map(missing.map((step) => [step.title, Promise.withResolvers<undefined>()]));
  const failures = new Set<unknown>();
  const tasks = new Listr(
    missing.map((step) => ({
      title: step.title,
      task: async (_context: unknown, task: { output: string }) => {
        const report = isTerminal ? (line: string) => (task.output = line) : plainReport(task);
        const end = ends.get(step.title);
        // Whoever waits for this step hears of its failure; when nobody does, that is no fault.
        end?.promise.catch(() => undefined);
        try {
          await step.get(report, async (title) => {
            const other = ends.get(title);
            if (!other) return;
            task.output = `waits for: ${title}`;
            await other.promise;
          });
          end?.resolve(undefined);
        } catch (error) {
          failures.add(error);
          end?.reject(error);
          throw error;
        }
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        timer: PRESET_TIMER,
        logger: new ListrLogger<ListrDefaultRendererLogLevels>({ processOutput }),
        showErrorMessage: false,
      },
      fallbackRenderer: "simple",
      fallbackRendererCondition: () => !isTerminal,
      fallbackRendererOptions: {
        timer: PRESET_TIMER,
        logger: new ListrLogger<ListrLogLevels>({ processOutput }),
      },
    },
  );
  await tasks.run();
  // What waited for a failed step has failed with the same error, which counts once.
  if (failures.size > 0) throw together([...failures]);
}

function together(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  const text = (error: unknown): string =>
    error instanceof UserError && error.hint ? `${error.message}\n${error.hint}` : messageOf(error);
  return new UserError("toolchain", failures.map(text).join("\n\n"));
}

function plainReport(task: { output: string }): Report {
  let last = Date.now();
  return (line) => {
    if (Date.now() - last < plainReportEveryMs) return;
    last = Date.now();
    task.output = line;
  };
}
