import { stringify } from "yaml";
import { etcdMemberName, etcdTokenFile, type TlsFiles } from "./certificates.ts";
import { configFolder, etcdClientPort, etcdNames, etcdPeerPort } from "./topology.ts";

/** The configuration file of one etcd member. Times are in milliseconds. */
export function renderEtcdConfig(member: string, clusterToken: string, tls?: TlsFiles): string {
  const scheme = tls ? "https" : "http";
  return stringify({
    name: member,
    "data-dir": "/data/etcd/member-data",
    "listen-peer-urls": `${scheme}://0.0.0.0:${etcdPeerPort}`,
    "listen-client-urls": `${scheme}://0.0.0.0:${etcdClientPort}`,
    "initial-advertise-peer-urls": `${scheme}://${member}:${etcdPeerPort}`,
    "advertise-client-urls": `${scheme}://${member}:${etcdClientPort}`,
    "initial-cluster": etcdNames.map((name) => `${name}=${scheme}://${name}:${etcdPeerPort}`).join(","),
    "initial-cluster-state": "new",
    // Members of another stack that end up in the same network by mistake do not join this one.
    "initial-cluster-token": clusterToken,
    // etcd's own defaults; shorter ones gained nothing at start and demote a primary on a busy host.
    "heartbeat-interval": 100,
    "election-timeout": 1000,
    // Without it the history of the leader lock, renewed every two seconds, grows for ever.
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "quota-backend-bytes": 2 * 1024 ** 3,
    logger: "zap",
    "log-level": "warn",
    ...(tls ? security(tls) : {}),
  });
}

/** Members and clients alike show a certificate, and so does each member to whoever asks. Tokens are valid at all. */
function security({ ca, identity }: TlsFiles) {
  const both = {
    "cert-file": identity,
    "key-file": identity,
    "trusted-ca-file": ca,
    "client-cert-auth": true,
  };
  return {
    "client-transport-security": both,
    "peer-transport-security": { ...both, "allowed-hostname": [etcdMemberName] },
    "tls-min-version": "TLS1.3",
    "auth-token": `jwt,priv-key=${configFolder}/${etcdTokenFile},sign-method=ES256,ttl=24h`,
    // The least that there is: 32 random characters need no slow hash, and a log-in must not hold a failover up.
    "bcrypt-cost": 4,
  };
}
