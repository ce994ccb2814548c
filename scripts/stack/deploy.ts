import { adminRole } from "../../lib/cluster-config/topology.ts";
import { databaseName } from "../../lib/commerce-model.ts";
import { note } from "../terminal.ts";
import { openEventStream } from "./event-stream.ts";
import type { PreparedStack } from "./prepare-stack.ts";
import { runPulumi } from "./run-pulumi.ts";
import { readDeployment } from "./stack-state.ts";

const databaseType = "postgresql:index/database:Database";

/**
 * Runs `pulumi up`. A database that is there already is taken over, and the update goes on; so it does where an earlier
 * one was cut off after it had changed the admin's password.
 * Returns Pulumi's exit code.
 */
export async function deploy(stack: PreparedStack, options: { readonly asks: boolean }): Promise<number> {
  let urn: string | undefined;
  let isAdminRefused: boolean | undefined;
  await using events = await openEventStream((event) => {
    urn ??= urnOfExistingDatabase(event);
    isAdminRefused ||= tellsAdminRefused(event);
  });
  // The events are the way to an error's text that leaves the display to Pulumi.
  const env = { ...stack.env, PULUMI_DEBUG_COMMANDS: "true" };
  const args = [
    ...["up", "--suppress-outputs", "--suppress-permalink=true", "--event-log", events.address],
    ...(options.asks ? [] : ["--yes", "--skip-preview", "--non-interactive"]),
  ];
  const { code } = await runPulumi(args, { ...stack, env });
  if (code === 0 || code === 130) return code;
  if (isAdminRefused) {
    note(
      `\nThe password of ${adminRole} has changed, and the state does not know it: the update goes on from there.\n`,
    );
    // A refresh logs in with what the state knows; the update itself sets the password first.
    return (await runPulumi([...args, "--refresh=false"], { ...stack, env })).code;
  }
  if (urn === undefined) return code;
  note(`\nThe database ${databaseName} exists already: it is taken over with what is in it.\n`);
  const imported = await importDatabase(stack, urn);
  if (imported !== 0) return imported;
  return (await runPulumi(args, { ...stack, env })).code;
}

/**
 * The URN of the database whose creation the server answered with 42P04 (duplicate_database).
 * @param text one event of Pulumi's, as JSON
 */
export function urnOfExistingDatabase(text: string): string | undefined {
  if (!text.includes("diagnosticEvent")) return undefined;
  const event: unknown = JSON.parse(text);
  const diagnostic = property(event, "diagnosticEvent");
  const urn = property(diagnostic, "urn");
  const message = property(diagnostic, "message");
  if (typeof urn !== "string" || typeof message !== "string") return undefined;
  return urn.includes(`${databaseType}::`) && /42P04|already exists/.test(message) ? urn : undefined;
}

/**
 * Whether the server has turned the admin away for its password.
 * @param text one event of Pulumi's, as JSON
 */
export function tellsAdminRefused(text: string): boolean {
  if (!text.includes("diagnosticEvent")) return false;
  const event: unknown = JSON.parse(text);
  const message = property(property(event, "diagnosticEvent"), "message");
  return typeof message === "string" && message.includes(`authentication failed for user "${adminRole}"`);
}

async function importDatabase(stack: PreparedStack, urn: string): Promise<number> {
  const { resources } = await readDeployment(stack);
  const name = urn.split("::").at(-1) ?? "";
  // The parent's types stand in front of the resource's own: PROJECT$Parent$Type.
  const parentType = urn.split("::")[2]?.split("$").slice(0, -1).join("$") ?? "";
  const parent = resources.find((resource) => resource.urn.split("::")[2] === parentType);
  const provider = resources.find((resource) => resource.type === "pulumi:providers:postgresql");
  const { code } = await runPulumi(
    [
      ...["import", databaseType, name, databaseName],
      ...(parent ? ["--parent", `parent=${parent.urn}`] : []),
      ...(provider ? ["--provider", `provider=${provider.urn}`] : []),
      ...["--yes", "--skip-preview", "--protect=false", "--generate-code=false", "--suppress-permalink=true"],
    ],
    stack,
  );
  return code;
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
