import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Connection } from "../../lib/connection.ts";
import { projectRoot } from "../../lib/paths.ts";
import { findPulumiCli } from "../../toolchain/pulumi-cli.ts";
import { pulumiVersion } from "../../toolchain/versions.ts";
import type { Run } from "./ecosphere.ts";
import { within } from "./timeouts.ts";

/** Somebody else's Pulumi project: a folder, a state and a home of its own. It uses the provider by its path. */
export interface PulumiProject extends AsyncDisposable {
  readonly folder: string;
  /** What the program is from now on. */
  write(program: string): Promise<void>;
  /** The real CLI on the project's stack, without a terminal. */
  pulumi(...args: readonly string[]): Promise<Run>;
  /** As `pulumi`; a run that fails rejects with all that it printed. Returns what went to stdout. */
  succeed(...args: readonly string[]): Promise<string>;
}

/**
 * Makes the project with an empty program.
 * @param env for the CLI and the program, beside this process's own
 */
export async function pulumiProject(env: NodeJS.ProcessEnv = {}): Promise<PulumiProject> {
  const cli = await findPulumiCli();
  if (!cli) throw new Error("the Pulumi CLI is needed: ./ecosphere test gets it");
  const folder = await mkdtemp(join(tmpdir(), "ecosphere-project-"));
  const write = (program: string): Promise<void> => writeFile(join(folder, "index.ts"), program);
  await mkdir(join(folder, "state"));
  await write("export {};\n");
  await writeFile(
    join(folder, "Pulumi.yaml"),
    `name: other
runtime:
  name: nodejs
  options:
    typescript: false
main: index.ts
plugins:
  providers:
    - name: pgddl
      path: ${JSON.stringify(join(projectRoot, "provider", "pgddl"))}
`,
  );
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  // What `npm install` makes of the dependencies `file:…/provider` and `@pulumi/pulumi`.
  await mkdir(join(folder, "node_modules"));
  await symlink(join(projectRoot, "provider"), join(folder, "node_modules", "pgddl"));
  await symlink(join(projectRoot, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  if (!cli.hasLanguageHost) await placeLanguageHost(join(folder, "home"));
  const variables: NodeJS.ProcessEnv = {
    ...process.env,
    // The provider's own start looks for node.
    PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...env,
  };
  const pulumi = (...args: readonly string[]): Promise<Run> =>
    new Promise((resolve) => {
      const options = {
        cwd: folder,
        env: variables,
        timeout: within.pulumiOperation,
        maxBuffer: 64 * 1024 * 1024,
      };
      execFile(cli.path, [...args, "--non-interactive"], options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, stdout, stderr, output: `${stdout}\n${stderr}` });
      });
    });
  const succeed = async (...args: readonly string[]): Promise<string> => {
    const run = await pulumi(...args);
    if (run.code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${run.output}`);
    return run.stdout;
  };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await succeed("stack", "init", "test");
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, write, pulumi, succeed, [Symbol.asyncDispose]: remove };
}

/** The start of a program: the provider `pg`, whose password comes from the environment as psql's does. */
export function programHead({ host, port, database, user }: Omit<Connection, "password">): string {
  return `import * as pgddl from "pgddl";
const provider = new pgddl.Provider("pg", {
  host: ${JSON.stringify(host)}, port: ${port}, database: ${JSON.stringify(database)},
  username: ${JSON.stringify(user)}, password: process.env.PGPASSWORD ?? "",
});
`;
}

async function placeLanguageHost(home: string): Promise<void> {
  const plugin = join(home, "plugins", `language-nodejs-v${pulumiVersion}`);
  await mkdir(plugin, { recursive: true });
  const launcher = join(plugin, "pulumi-language-nodejs");
  const main = join(projectRoot, "toolchain", "language-host", "main.ts");
  await writeFile(launcher, `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${main}' "$@"\n`);
  await chmod(launcher, 0o755);
}
