import type { Scene } from "./fault.ts";

/** The end of a fault that has taken containers away: nobody starts what somebody has stopped. */
export async function startAgain({ parts }: Scene, hit: readonly string[]): Promise<string | undefined> {
  const started: string[] = [];
  for (const part of hit) {
    if ((await parts.state(part)).isRunning) continue;
    await parts.start(part);
    started.push(part);
  }
  return started.length > 0 ? `${started.join(", ")} started again` : undefined;
}
