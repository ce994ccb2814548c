import { messageOf, UserError } from "../errors.ts";
import { eventually } from "../poll.ts";
import { PatroniClient, type Json } from "./patroni-client.ts";
import { restartPending } from "./rolling-restart.ts";
import { comparable, isGroup, mergePatch } from "./settings-patch.ts";
import { StackContainers } from "./stack-containers.ts";
import { superuserPsql } from "./superuser-session.ts";
import type { WorkLimits } from "./work-limits.ts";

export type SettingsGroup = { readonly [key: string]: Json };

/** PostgreSQL is told a changed setting within Patroni's loop of a second. */
const reloadWithinMs = 30_000;

/**
 * Brings the running cluster to `wanted`. What takes effect by a reload restarts nothing; for the rest, the
 * instances restart one after the other.
 * @throws UserError `bad-parameter` before anything is changed
 */
export async function applySettings(stack: string, wanted: SettingsGroup, limits: WorkLimits): Promise<void> {
  const containers = await StackContainers.of(stack);
  const patroni = new PatroniClient(containers);
  const patch = mergePatch(comparable(await patroni.settings(), wanted), wanted);
  if (!patch) {
    // An update that was killed may have left restarts undone.
    await restartPending(stack, limits);
    return;
  }
  await refuseWrongParameters(containers, wanted);
  const patchedAt = Math.floor(Date.now() / 1000);
  await patroni.patchSettings(patch);
  await eventually(
    { what: "every instance to take the settings", ...limits, withinMs: reloadWithinMs, everyMs: 200 },
    async (observe) => {
      const states = await patroni.states();
      // Its clock counts whole seconds: the loop after the next has surely read them.
      const late = [...states].filter(([, state]) => (state?.dcs_last_seen ?? 0) < patchedAt + 2);
      observe(`${late.map(([name]) => name).join(", ")} not yet`);
      return late.length === 0 && (await commitsAre(containers, states, wanted)) ? true : undefined;
    },
  );
  await restartPending(stack, limits);
}

/** Whether PostgreSQL itself accepts them: an instance's own binary is asked, without a server. */
export async function refuseWrongParameters(
  containers: StackContainers,
  { postgresql }: SettingsGroup,
): Promise<void> {
  const parameters = isGroup(postgresql) && isGroup(postgresql["parameters"]) ? postgresql["parameters"] : {};
  const [instance] = containers.parts("pg");
  if (instance === undefined) return;
  const options = Object.entries(parameters).flatMap(([name, value]) => [
    "-c",
    `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  ]);
  const command = ["postgres", "-D", "/data/postgres/main", ...options, "-C", "port"];
  const { code, stderr } = await containers.run(instance, command);
  if (code === 0) return;
  const told = stderr.split("\n").flatMap((line) => /(?:FATAL|HINT|DETAIL): +(.*)/.exec(line)?.[1] ?? []);
  throw new UserError(
    "bad-parameter",
    `PostgreSQL does not take the parameters: ${told.join(" ") || stderr.trim()}`,
    "Correct ecosphere:parameters; nothing was changed.",
  );
}

/** Whether the primary asks its replicas about commits as it is wanted. */
async function commitsAre(
  containers: StackContainers,
  states: Awaited<ReturnType<PatroniClient["states"]>>,
  wanted: SettingsGroup,
): Promise<boolean> {
  const [primary] = [...states].find(([, state]) => state?.role === "primary") ?? [];
  if (primary === undefined) return false;
  const sql = "SELECT current_setting('synchronous_standby_names')";
  const { stdout } = await containers.run(primary, [...superuserPsql, "-A", "-t", "-c", sql]);
  return (stdout.trim() !== "") === (wanted["synchronous_mode"] !== false);
}

/** The settings as they are. Waits while no instance tells: a cluster that is being born has none yet. */
export async function awaitSettings(stack: string, limits: WorkLimits): Promise<Json> {
  return eventually({ ...limits, what: "the cluster's settings", everyMs: 200 }, async (observe) => {
    try {
      return await new PatroniClient(await StackContainers.of(stack)).settings();
    } catch (error) {
      observe(messageOf(error));
      return undefined;
    }
  });
}
