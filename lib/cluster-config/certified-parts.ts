import { instanceNames, type Settings } from "../settings.ts";
import { proxyNames } from "./topology.ts";

/** A part that has a certificate, and the address on which it publishes its ports, if it does. */
export interface CertifiedPart {
  readonly name: string;
  readonly bindAddress?: string;
}

/** Every part of a stack but etcd, whose members have an authority of their own: each one asks or answers by TLS. */
export function certifiedParts({
  replicas,
  proxies,
  bindAddress,
}: Pick<Settings, "replicas" | "proxies" | "bindAddress">): readonly CertifiedPart[] {
  return [
    ...[...instanceNames(replicas), ...proxyNames(proxies)].map((name) => ({ name, bindAddress })),
    { name: "sentinel" },
  ];
}
