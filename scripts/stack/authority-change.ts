import { join } from "node:path";
import { caFile } from "../../lib/cluster-config/certificates.ts";
import { UserError } from "../../lib/errors.ts";
import type { GivenCertificates } from "../../lib/given-certificates/read.ts";
import { strangers } from "../../lib/given-certificates/succession.ts";
import { defaultStack } from "./stack-folder.ts";

/** What there is of a stack, and what it is to have. */
export interface AuthorityChange {
  readonly stack: string;
  /** The URNs of the resources in its state. */
  readonly urns: readonly string[];
  /** The authorities that it believes, as PEM, if it was ever deployed whole. */
  readonly believed: string | undefined;
  readonly folder: string | undefined;
  readonly given: GivenCertificates | undefined;
}

/**
 * Refuses certificates that a running stack would not believe: its parts would shut one another out.
 * @throws UserError `authority-change` with the way in steps, where there is one
 */
export function requireBelieved({ stack, urns, believed, folder, given }: AuthorityChange): void {
  if (!urns.some((urn) => urn.includes("docker:index/container:Container::"))) return;
  // etcd has an authority of the stack's own in any case.
  const hasOwnAuthority = urns.some((urn) =>
    /SelfSignedCert::cluster-certificates-authority(-\d+)?$/.test(urn),
  );
  if (hasOwnAuthority && folder !== undefined) {
    throw new UserError(
      "authority-change",
      `stack "${stack}" was made with an authority of its own, which knows none of the certificates in ${folder}`,
      "Take certificateFolder out of its configuration, or take the stack away and make it anew.",
    );
  }
  if (!hasOwnAuthority && folder === undefined) {
    throw new UserError(
      "authority-change",
      `stack "${stack}" was made without an authority of its own`,
      "Set certificateFolder as it was, or take the stack away and make it anew.",
    );
  }
  if (folder === undefined || !given || believed === undefined) return;
  const unknown = strangers(given, believed);
  if (unknown.length === 0) return;
  const option = stack === defaultStack ? "" : ` --stack ${stack}`;
  throw new UserError(
    "authority-change",
    `the certificates of ${unknown.join(", ")} in ${folder} are by an authority that stack "${stack}" does not believe yet`,
    `First that authority into ${join(folder, caFile)}, beside the one before, with the certificates as they were; ./ecosphere up${option}; then these.`,
  );
}
