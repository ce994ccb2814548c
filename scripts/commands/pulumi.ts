import { ensurePulumi } from "../../toolchain/toolchain.ts";
import { runPulumi } from "../stack/run-pulumi.ts";

/** The sub-commands that are of no use without a stack, which is then made. */
const needStack = new Set(["up", "update", "preview", "pre", "refresh", "import", "config", "watch"]);

/** `./ecosphere pulumi ARGS…`: the CLI with this project's environment. Returns its exit code. */
export async function pulumiCommand(stack: string, args: readonly string[]): Promise<number> {
  await ensurePulumi();
  const subcommand = args.find((argument) => !argument.startsWith("-")) ?? "";
  const isHelp = args.includes("--help") || args.includes("-h");
  const { code } = await runPulumi(args, stack, { init: needStack.has(subcommand) && !isHelp });
  return code;
}
