import { instanceNames, type Settings } from "../settings.ts";
import { etcdNames, proxyNames } from "./topology.ts";

/** A part that has a certificate, and the address on which it publishes its ports, if it does. */
export interface CertifiedPart {
  readonly name: string;
  readonly bindAddress?: string;
}

/** Every part of a stack: each one asks or answers by TLS. */
export function certifiedParts({
  replicas,
  proxies,
  bindAddress,
}: Pick<Settings, "replicas" | "proxies" | "bindAddress">): readonly CertifiedPart[] {
  return [
    ...[...instanceNames(replicas), ...proxyNames(proxies)].map((name) => ({ name, bindAddress })),
    ...[...etcdNames, "sentinel"].map((name) => ({ name })),
  ];
}
