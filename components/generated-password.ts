import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PasswordVersion } from "../lib/password-versions.ts";

/** The password of a login, and the one after it where that is made already. Secret. */
export interface GeneratedPassword {
  readonly password: pulumi.Output<string>;
  readonly nextPassword?: pulumi.Output<string>;
}

/**
 * A password that nobody has to know: 32 letters and digits, so no client has to escape any of it. Each version is a
 * resource of its own, so that the next one is there, and kept, before anything is changed to it.
 */
export function generatedPassword(
  name: string,
  { version, isNextMade }: PasswordVersion,
  parent: pulumi.Resource,
): GeneratedPassword {
  const make = (of: number): pulumi.Output<string> => {
    const numbered = of === 1 ? name : `${name}-${of}`;
    return new random.RandomPassword(numbered, { length: 32, special: false }, { parent }).result;
  };
  return { password: make(version), ...(isNextMade ? { nextPassword: make(version + 1) } : {}) };
}
