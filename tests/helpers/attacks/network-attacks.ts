import { networkOf } from "../../../lib/cluster-config/networks.ts";
import { imageName } from "../../../lib/images.ts";
import { runCommand } from "../ecosphere.ts";
import type { Attack, Target } from "./attack.ts";

const ports = { etcd: 2379, etcdPeers: 2380, patroni: 8008, postgres: 5432, rw: 6432 } as const;
type Port = keyof typeof ports;

const noWay = "cannot be reached";
const etcdApart = "etcd's network has no proxy in it";
const clientsApart = "the clients' network has proxies in it, and nothing else";

/** What somebody would reach who is in a proxy, or beside the proxies in the clients' network. */
export const networkAttacks: readonly Attack[] = [
  ...(["etcd", "etcdPeers"] as const).map((port): Attack => ({
    title: `port ${ports[port]} of etcd-1 from a proxy, by its address`,
    why: etcdApart,
    attempt: async (target) => target.shell("proxy-1", reach(await addressOf(target, "etcd-1"), port)),
    refusal: new RegExp(noWay),
    control: async (target) => target.shell("pg-2", reach(await addressOf(target, "etcd-1"), port)),
  })),
  {
    title: "etcd-1 from a proxy, by its name",
    why: etcdApart,
    attempt: (target) => target.shell("proxy-1", reach("etcd-1", "etcd")),
    refusal: new RegExp(noWay),
    control: (target) => target.shell("proxy-1", reach("pg-1", "patroni")),
  },
  ...(
    [
      ["etcd-1", "etcd"],
      ["pg-1", "patroni"],
      ["pg-1", "postgres"],
    ] as const
  ).map(([part, port]): Attack => ({
    title: `port ${ports[port]} of ${part} from a container in the clients' network, by its address and its name`,
    why: clientsApart,
    attempt: async (target) => {
      const ways = [await addressOf(target, part), part, target.container(part)];
      await stranger(target, ways.map((host) => `( ${reach(host, port)} )`).join(" || "));
    },
    refusal: new RegExp(noWay),
    control: async (target) => {
      await target.shell("pg-2", reach(await addressOf(target, part), port));
      await stranger(target, reach("proxy-1", "rw"));
    },
  })),
];

/** A script that connects, or says that it cannot. */
function reach(host: string, port: Port): string {
  const connect = `timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${ports[port]}' 2>/dev/null`;
  return `${connect} || { echo '${host} ${noWay}' >&2; exit 1; }`;
}

/** The address of a part in the network in which it has its name. */
async function addressOf(target: Target, part: string): Promise<string> {
  const [address = ""] = (await target.shell("pg-2", `getent hosts ${part}`)).split(" ");
  return address;
}

/** Runs a script beside the proxies, in a container of nobody's. @throws Error with what it printed */
async function stranger(target: Target, script: string): Promise<void> {
  const network = networkOf(target.stack.name, "clients");
  const run = ["docker", "run", "--rm", "--label", "ecosphere.test=1", "--network", network];
  const { code, output } = await runCommand([...run, imageName("postgres"), "bash", "-c", script]);
  if (code !== 0) throw new Error(output);
}
