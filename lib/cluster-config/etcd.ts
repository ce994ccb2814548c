import { stringify } from "yaml";
import { etcdClientPort, etcdNames, etcdPeerPort } from "./topology.ts";

/** The configuration file of one etcd member. Times are in milliseconds. */
export function renderEtcdConfig(member: string, clusterToken: string): string {
  return stringify({
    name: member,
    "data-dir": "/data/etcd/member-data",
    "listen-peer-urls": `http://0.0.0.0:${etcdPeerPort}`,
    "listen-client-urls": `http://0.0.0.0:${etcdClientPort}`,
    "initial-advertise-peer-urls": `http://${member}:${etcdPeerPort}`,
    "advertise-client-urls": `http://${member}:${etcdClientPort}`,
    "initial-cluster": etcdNames.map((name) => `${name}=http://${name}:${etcdPeerPort}`).join(","),
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
  });
}
