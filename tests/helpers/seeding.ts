import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { withClient } from "../../lib/connection.ts";
import { eventually } from "../../lib/poll.ts";
import type { CommerceDatabase } from "./commerce-database.ts";
import { within } from "./timeouts.ts";

/** Starts a seed in another process and kills it without warning once it has sent `rows` rows (or when it ends). */
export async function killedSeed(
  { stack }: Pick<CommerceDatabase, "stack">,
  options: { rows?: number; scale?: number; asOf: string; append?: boolean; reset?: boolean },
  rows: number,
): Promise<void> {
  const script = fileURLToPath(new URL("seed-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const input = { stack, append: false, ...options };
  child.stdin.end(JSON.stringify(input));
  let sent = 0;
  createInterface(child.stdout).on("line", (line) => {
    sent += Number(line);
    if (sent >= rows) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
}

/** The server aborts what a killed client had begun as soon as it notices, all but what watches over indexes. */
export async function seedersGone(shop: CommerceDatabase, withinMs: number = within.lockSeen): Promise<void> {
  await eventually({ what: "the killed seed's session to end", withinMs }, async () => {
    const sessions =
      "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'ecosphere-seed' AND datname = current_database()";
    return (await value(shop, sessions)) === 0 ? true : undefined;
  });
}

/** The first column of the first row, asked by the superuser with the shop's tables on the path. */
export async function value(shop: CommerceDatabase, text: string): Promise<unknown> {
  return withClient(shop.superuser, "ecosphere-test", async (client) => {
    await client.query("SET search_path TO shop");
    const { rows } = await client.query<Record<string, unknown>>(text);
    return Object.values(rows[0] ?? {})[0];
  });
}
