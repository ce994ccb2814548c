import { dirname } from "node:path";
import Table from "cli-table3";
import { connectDocker } from "../../lib/docker.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { parseSettings, settingDefaults, type Settings } from "../../lib/settings.ts";
import { canAptInstall } from "../../toolchain/apt.ts";
import {
  cacheNeed,
  checkoutNeed,
  diskUses,
  dockerNeeds,
  readableBytes,
  type DiskUse,
} from "../../toolchain/disk-space.ts";
import { isKnownRefused, pulumiDownloads } from "../../toolchain/downloads.ts";
import { findGo, findOlderGo } from "../../toolchain/go.ts";
import { onPath } from "../../toolchain/installed.ts";
import { builtSteps } from "../../toolchain/plugins.ts";
import { findPip } from "../../toolchain/python.ts";
import { dockerSteps, pulumiSteps } from "../../toolchain/toolchain.ts";
import { oldestGo } from "../../toolchain/versions.ts";
import { StackConfig } from "../stack/stack-config.ts";
import { stackFolder } from "../stack/stack-folder.ts";
import { planPorts, portBusy, portKeys } from "../stack/stack-ports.ts";

/** One line of the diagnosis. `wrong` is what a command cannot put right by itself. */
interface Finding {
  readonly what: string;
  readonly state: "ok" | "to get" | "wrong";
  readonly detail: string;
}

/** `./ecosphere doctor`: changes nothing. Exit code 1 when something is wrong. */
export async function doctor(stack: string): Promise<number> {
  const settings = readSettings(stack);
  const steps = await stepFindings(settings.value?.baseImage ?? settingDefaults.baseImage);
  const findings: Finding[] = [
    { what: "Node", state: "ok", detail: `${process.versions.node}: ${process.execPath}` },
    plainNode(),
    ...steps,
    await goFinding(steps),
    {
      what: "psql",
      state: "ok",
      detail: onPath("psql")[0] ?? "not installed; ./ecosphere psql uses the one in a container",
    },
    ...diskUses([checkoutNeed, await cacheNeed(), ...(await dockerNeeds())]).map(diskFinding),
    ...(await portFindings(stack, settings.value)),
    ...settings.findings,
  ];
  const table = new Table({
    head: ["what", "state", "detail"],
    style: { head: [], border: [] },
    // No line between two rows.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const { what, state, detail } of findings) table.push([what, state, detail]);
  process.stdout.write(`${table.toString()}\n`);
  const wrong = findings.filter(({ state }) => state === "wrong").length;
  const toGet = findings.filter(({ state }) => state === "to get").length;
  const rest =
    toGet === 0
      ? "Everything is here."
      : `./ecosphere up gets ${toGet === 1 ? "the one thing" : `the ${toGet} things`} that are missing.`;
  process.stdout.write(`${wrong === 0 ? rest : `${wrong} to put right, see above.`}\n`);
  return wrong === 0 ? 0 : 1;
}

async function stepFindings(baseImage: string): Promise<Finding[]> {
  return Promise.all(
    [...dockerSteps(baseImage), ...pulumiSteps].map(async (step) => {
      const found = await step.find();
      if (found !== undefined) return { what: step.title, state: "ok" as const, detail: found };
      if (step.title !== dockerSteps(baseImage)[0]?.title) {
        return { what: step.title, state: "to get" as const, detail: step.way };
      }
      // Root gets an engine by itself; anybody else has to do it.
      if (canAptInstall() && !process.env["DOCKER_HOST"]) {
        return { what: step.title, state: "to get" as const, detail: step.way };
      }
      const reason = await connectDocker().then(
        () => "",
        (error: unknown) =>
          error instanceof UserError ? `${error.message}\n${error.hint ?? ""}` : messageOf(error),
      );
      return { what: step.title, state: "wrong" as const, detail: reason };
    }),
  );
}

/** Go is needed for a build only, and what would be built may be published for download. */
async function goFinding(steps: readonly Finding[]): Promise<Finding> {
  const go = await findGo();
  if (go !== undefined) return { what: "Go", state: "ok", detail: go.path };
  const isNeeded = steps.some(({ what, state }) => builtSteps.includes(what) && state === "to get");
  if (!isNeeded) return { what: "Go", state: "ok", detail: "not here, and not needed" };
  const older = await findOlderGo();
  if (older !== undefined) {
    return { what: "Go", state: "to get", detail: `${oldestGo} by ${older}, when a build needs it` };
  }
  const python = await findPip();
  if (python !== undefined || canAptInstall()) {
    const pip = python === undefined ? "pip, which apt-get installs" : `pip of ${python}`;
    return { what: "Go", state: "to get", detail: `by ${pip}, when a build needs it` };
  }
  const fix = `install Go ${oldestGo} (https://go.dev/dl), or pip for Python 3 (python3-pip on Debian and Ubuntu)`;
  return isKnownRefused(pulumiDownloads)
    ? { what: "Go", state: "wrong", detail: `needed for a build: ${fix}` }
    : { what: "Go", state: "ok", detail: `needed only if Pulumi cannot be downloaded; then ${fix}` };
}

/** Plain `pulumi` takes the Node of the PATH, where `./ecosphere` brings its own. */
function plainNode(): Finding {
  const path = onPath("node").find((file) => !file.startsWith(dirname(process.execPath)));
  return {
    what: "plain pulumi",
    state: "ok",
    detail:
      path === undefined
        ? "runs the program with the same Node"
        : `needs Node 24 on the PATH, or the error is "Unknown file extension .ts"; use eval "$(./ecosphere env)"`,
  };
}

function diskFinding({ needs, neededBytes, freeBytes }: DiskUse): Finding {
  return {
    what: `disk of ${needs.map(({ what }) => what).join(", ")}`,
    state: freeBytes >= neededBytes ? "ok" : "wrong",
    detail: `${readableBytes(freeBytes)} free, ${readableBytes(neededBytes)} needed: ${needs.map(({ path }) => path).join(", ")}`,
  };
}

function readSettings(stack: string): { readonly value?: Settings; readonly findings: Finding[] } {
  try {
    return { value: parseSettings(StackConfig.peek(stackFolder(stack)).values(), stack), findings: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { findings: [{ what: "configuration", state: "wrong", detail: error.message }] };
  }
}

async function portFindings(stack: string, settings: Settings | undefined): Promise<Finding[]> {
  if (!settings) return [];
  const folder = stackFolder(stack);
  try {
    const { ports, busy } = await planPorts(folder, StackConfig.peek(folder), settings);
    const detail = portKeys.map((key) => `${key} ${ports[key]}`).join(", ");
    if (busy.length === 0) return [{ what: "ports", state: "ok", detail }];
    const { message, hint } = portBusy(busy, stack);
    return [{ what: "ports", state: "wrong", detail: `${message}\n${hint ?? ""}` }];
  } catch (error) {
    // Docker's own line says what is wrong with it.
    if (error instanceof UserError) return [];
    throw error;
  }
}
