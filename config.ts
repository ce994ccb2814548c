import * as pulumi from "@pulumi/pulumi";
import { UserError } from "./lib/errors.ts";
import { readGivenCertificates, type GivenCertificates } from "./lib/given-certificates/read.ts";
import { parseSettings, type Settings } from "./lib/settings.ts";

/** The one reader of the stack's configuration. Every fault is reported at once, before any resource is made. */
export function readConfig(): Settings {
  const namespace = `${pulumi.getProject()}:`;
  const raw = new Map<string, string>();
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    if (key.startsWith(namespace)) raw.set(key.slice(namespace.length), value);
  }
  return orRunError(() => parseSettings(raw, pulumi.getStack()));
}

/** The certificates that the stack was given, if it was; those that end soon are warned of. Every fault at once. */
export function readCertificates(settings: Settings): GivenCertificates | undefined {
  const given = orRunError(() => readGivenCertificates(settings));
  for (const warning of given?.warnings ?? []) void pulumi.log.warn(warning);
  return given;
}

function orRunError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Shown as it is; any other error would come with a stack.
    if (error instanceof UserError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
