import { pulumiProject } from "../tests/helpers/pulumi-project.ts";
import { benchStack } from "./bench-stack.ts";
import { time, type Benchmark } from "./harness.ts";

export const benchmark: Benchmark = {
  name: "no-op-up",
  title: "pulumi up that changes nothing, with a refresh of every resource",
  peer: "pulumi up of an empty TypeScript program",
  aim: 3,
  prepare: async () => {
    const stack = await benchStack();
    await stack.up();
    const empty = await pulumiProject();
    await empty.write('import * as pulumi from "@pulumi/pulumi";\nexport const stack = pulumi.getStack();\n');
    const up = (): Promise<string> => empty.succeed("up", "--yes", "--skip-preview");
    await up();
    return {
      ours: () => stack.up(),
      peer: () => time(up),
      [Symbol.asyncDispose]: async () => {
        await empty[Symbol.asyncDispose]();
        await stack.destroy();
      },
    };
  },
};
