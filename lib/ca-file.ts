import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stateFolder } from "./paths.ts";

/** Where clients on this host find the authorities of a stack. */
export function caPath(stack: string): string {
  return join(stateFolder, "stacks", stack, "ca.pem");
}

/** Writes the authorities where clients find them, if they are not there already. Returns where. */
export function writeCa(stack: string, pem: string): string {
  const path = caPath(stack);
  if (readIfThere(path) === pem) return path;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, pem);
  return path;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
