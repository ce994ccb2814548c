import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** A password that nobody has to know: 32 letters and digits, so no client has to escape any of it. Secret. */
export function generatedPassword(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length: 32, special: false }, { parent }).result;
}
