import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "./cache.ts";

/** How long a host that answers nothing at all is waited for. */
const probeTimeoutMs = 10_000;

/** How long a download may take: 100 MB on a slow line. */
export const downloadTimeoutMs = 10 * 60_000;

/** How long a refusal holds: a machine behind a firewall does not ask in every run. */
const refusalHoldsMs = 12 * 60 * 60 * 1000;

/** Where Pulumi publishes its releases and its plugins. */
export const pulumiDownloads = "https://get.pulumi.com";

const refusals = z.record(z.string(), z.number());

/** Whether a refusal by this address is remembered. */
export function isKnownRefused(url: string, now = Date.now()): boolean {
  const at = remembered()[new URL(url).host];
  return at !== undefined && now - at < refusalHoldsMs;
}

/**
 * Whether a download from there can be tried: something answers, and lets us in. A refusal is remembered.
 * @param fetcher for tests
 */
export async function canDownload(url: string, fetcher: typeof fetch = fetch): Promise<boolean> {
  if (isKnownRefused(url)) return false;
  const answered = await fetcher(url, { method: "HEAD", signal: AbortSignal.timeout(probeTimeoutMs) }).then(
    (response) => response.ok,
    () => false,
  );
  if (!answered) rememberRefusal(url);
  return answered;
}

/** Keeps in mind that nothing can be had from there for the time being. */
export function rememberRefusal(url: string): void {
  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true });
  const known = { ...remembered(), [new URL(url).host]: Date.now() };
  writeFileSync(`${memory()}.${process.pid}`, JSON.stringify(known));
  renameSync(`${memory()}.${process.pid}`, memory());
}

function memory(): string {
  return join(cacheFolder(), "refused.json");
}

function remembered(): Record<string, number> {
  try {
    return refusals.parse(JSON.parse(readFileSync(memory(), "utf8")));
  } catch {
    return {};
  }
}
