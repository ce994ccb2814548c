import * as pulumi from "@pulumi/pulumi";
import { UserError } from "./lib/errors.ts";
import { parseSettings, type Settings } from "./lib/settings.ts";

/** The one reader of the stack's configuration. Every fault is reported at once, before any resource is made. */
export function readConfig(): Settings {
  const namespace = `${pulumi.getProject()}:`;
  const raw = new Map<string, string>();
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    if (key.startsWith(namespace)) raw.set(key.slice(namespace.length), value);
  }
  try {
    return parseSettings(raw, pulumi.getStack());
  } catch (error) {
    // Shown as it is; any other error would come with a stack.
    if (error instanceof UserError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
