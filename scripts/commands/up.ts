import { caPath, writeCa } from "../../lib/ca-file.ts";
import { restartMembers } from "../../lib/cluster/restart-members.ts";
import { UserError } from "../../lib/errors.ts";
import { readGivenCertificates } from "../../lib/given-certificates/read.ts";
import { parseSettings } from "../../lib/settings.ts";
import { connectionString, type StackOutputs } from "../../lib/stack-outputs.ts";
import { findBaseImage } from "../../toolchain/base-image.ts";
import { cacheNeed, checkoutNeed, dockerNeeds, requireSpace } from "../../toolchain/disk-space.ts";
import { ensureToolchain } from "../../toolchain/toolchain.ts";
import { requireBelieved } from "../stack/authority-change.ts";
import { waitForInstances } from "../stack/cluster-ready.ts";
import { deploy } from "../stack/deploy.ts";
import { prepareStack, type PreparedStack } from "../stack/prepare-stack.ts";
import { recover, takeOver } from "../stack/recover.ts";
import { initStack } from "../stack/run-pulumi.ts";
import { StackConfig } from "../stack/stack-config.ts";
import { defaultStack, stackFolder } from "../stack/stack-folder.ts";
import { settlePorts } from "../stack/stack-ports.ts";
import { readDeployment, readOutputs } from "../stack/stack-state.ts";
import { canAsk, note } from "../terminal.ts";
import { checkAndPrint } from "./check.ts";
import { seedIfEmpty } from "./seed.ts";

/** `./ecosphere up`. Returns the exit code. */
export async function up(stack: string, yes: boolean): Promise<number> {
  const folder = stackFolder(stack);
  // Before anything is fetched: a fault of the configuration is told at once.
  const settings = parseSettings(StackConfig.peek(folder).values(), stack);
  const given = readGivenCertificates(settings);
  const { baseImage } = settings;
  requireSpace([checkoutNeed, await cacheNeed()]);
  await ensureToolchain(baseImage);
  // Docker may be running only now.
  requireSpace([checkoutNeed, ...(await dockerNeeds())]);

  const prepared = await prepareStack(stack);
  // Or the ports that it is just taking would be told as taken.
  takeOver(prepared);
  const image = await findBaseImage(baseImage);
  if (image !== undefined && image !== baseImage) prepared.config.set({ baseImage: image });
  await settlePorts(folder, prepared.config, parseSettings(prepared.config.values(), stack));
  await initStack(prepared);
  const { resources, pending } = await readDeployment(prepared);
  requireBelieved({
    stack,
    urns: resources.map(({ urn }) => urn),
    believed: given && (await believedAuthorities(prepared)),
    folder: settings.certificateFolder,
    given,
  });
  await recover(prepared, pending);

  const code = await deploy(prepared, { asks: !yes && canAsk() });
  if (code !== 0) return code;
  const outputs = await readOutputs(prepared);
  if (outputs.ca !== undefined) writeCa(stack, outputs.ca);
  await restartMembers(stack);
  await waitForInstances(outputs, (gap) => {
    note(`The cluster is not whole yet (${gap}); waiting for it.`);
  });
  const isJustSeeded = await seedIfEmpty(stack, outputs);
  // Whoever works with the rows changes them; what the seed wrote is compared when it has just done so.
  const passed = await checkAndPrint(outputs, { isLive: !isJustSeeded });
  process.stdout.write(describeStack(stack, outputs));
  return passed ? 0 : 1;
}

/** What the parts believe now; undefined when they were never deployed whole. */
async function believedAuthorities(prepared: PreparedStack): Promise<string | undefined> {
  try {
    return (await readOutputs(prepared)).ca;
  } catch (error) {
    if (error instanceof UserError && error.code === "not-deployed") return undefined;
    throw error;
  }
}

/** The endpoints, and how to connect; without any password. */
export function describeStack(stack: string, outputs: StackOutputs): string {
  const { instances } = outputs;
  const ca = caPath(stack);
  const option = stack === defaultStack ? "" : ` --stack ${stack}`;
  const lines = [
    "",
    `rw     ${connectionString(outputs, "rw", "app", ca)}   the primary`,
    `ro     ${connectionString(outputs, "ro", "reporting", ca)}   the replicas`,
    `admin  ${connectionString(outputs, "admin", "admin", ca)}   the primary, for sessions and DDL`,
    ...instances.map(({ name, host, port }) => `${name.padEnd(6)} ${host}:${port}`),
    "",
    `A SQL shell: ./ecosphere psql${option}       read only: ./ecosphere psql ro${option}`,
    `The passwords: ./ecosphere pulumi stack output credentials --show-secrets${option}`,
    "",
  ];
  return lines.join("\n");
}
