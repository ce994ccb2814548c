import { certificateNames, etcdCertificateNames } from "../../../lib/cluster-config/certificates.ts";
import { etcdClientPort, etcdPeerPort, patroniPort } from "../../../lib/cluster-config/topology.ts";
import { runCommand } from "../ecosphere.ts";
import type { CertificateOptions, Identity } from "../test-authority.ts";
import type { Attack, AuthorityName, Target } from "./attack.ts";
import { forgeries, servingAlone } from "./forgeries.ts";

/** A port inside the stack's networks, what it answers to its own, and a part that may ask it. */
interface Port {
  readonly title: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly from: string;
  /** Who has signed the certificate that it takes, what that says of `from`, and its file in that part's container. */
  readonly authority: AuthorityName;
  readonly subject: string;
  readonly names: Pick<CertificateOptions, "dnsNames" | "ipAddresses">;
  readonly file: string;
}

const patroni: Port = {
  title: "Patroni's interface",
  ...{ host: "pg-1", port: patroniPort, path: "/liveness", from: "proxy-1", file: "tls.pem" },
  ...{ authority: "certificates", subject: "proxy-1", names: certificateNames("proxy-1", "127.0.0.1") },
};
const etcdPorts: readonly Port[] = [
  {
    title: "etcd's port for clients",
    ...{ host: "etcd-1", port: etcdClientPort, path: "/health", from: "pg-1", file: "etcd.pem" },
    ...{ authority: "etcd-certificates", subject: "OU=pg-1", names: etcdCertificateNames("pg-1") },
  },
  {
    title: "etcd's port for members",
    ...{ host: "etcd-1", port: etcdPeerPort, path: "/version", from: "etcd-2", file: "tls.pem" },
    ...{ authority: "etcd-certificates", subject: "OU=etcd-2", names: etcdCertificateNames("etcd-2") },
  },
];
const ports = [patroni, ...etcdPorts];

/**
 * Asks from a part's container. @param client a shell's words: a program that is spoken with
 * @throws Error with what it printed, when the answer is not 200
 */
async function ask(target: Target, port: Port, client: string, shown?: Identity): Promise<void> {
  const { host, path, from } = port;
  // The certificate comes as input, and is gone with the shell.
  const script = `umask 077; f=$(mktemp); trap 'rm -f "$f"' EXIT; cat >"$f"
    printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "${path}" "${host}" | timeout 5 ${client} 2>&1`;
  const run = await runCommand(
    ["docker", "exec", "-i", target.container(from), "bash", "-c", script],
    undefined,
    undefined,
    shown ? shown.cert + shown.key : "",
  );
  if (!/^HTTP\/1\.\d 200/m.test(run.stdout)) throw new Error(`no answer: ${run.output}`);
}

const openssl = ({ host, port }: Port, options: string): string =>
  `openssl s_client -quiet -connect ${host}:${port} ${options}`;

const ownIdentity = ({ file }: Port): string => `-cert /etc/ecosphere/${file} -key /etc/ecosphere/${file}`;

const askWith = (target: Target, port: Port, identity: Identity): Promise<void> =>
  ask(target, port, openssl(port, '-cert "$f" -key "$f"'), identity);

/** By a certificate as the part's own, with the probe that each attack uses. */
async function asksItself(target: Target, port: Port): Promise<void> {
  const authority = await target.authority(port.authority);
  await askWith(target, port, await authority.issue(port.subject, port.names));
}

/** From a part's container, as somebody does who has broken into one, or is beside the stack in its network. */
export const tlsInsideAttacks: readonly Attack[] = [
  ...ports.flatMap((port): readonly Attack[] => [
    {
      title: `asking ${port.title} in clear`,
      why: "it speaks TLS alone",
      attempt: (target) =>
        ask(target, port, `bash -c 'exec 3<>/dev/tcp/${port.host}/${port.port}; cat >&3; cat <&3'`),
      refusal: /no answer/,
      control: (target) => asksItself(target, port),
    },
    {
      title: `asking ${port.title} without a certificate`,
      why: "it takes nobody without one",
      attempt: (target) => ask(target, port, openssl(port, "")),
      refusal: /certificate required/i,
      control: (target) => asksItself(target, port),
    },
    ...["1_1", "1_2"].map((version): Attack => ({
      title: `asking ${port.title} by TLS ${version.replace("_", ".")}`,
      why: "TLS 1.3 is the oldest that is spoken",
      attempt: (target) =>
        ask(target, port, openssl(port, `-tls${version} -cipher DEFAULT@SECLEVEL=0 ${ownIdentity(port)}`)),
      refusal: /alert protocol version/i,
      control: (target) => ask(target, port, openssl(port, `-tls1_3 ${ownIdentity(port)}`)),
    })),
    ...[...forgeries, servingAlone].map(({ what, why, forge, alert }): Attack => ({
      title: `asking ${port.title} by ${what}`,
      why,
      attempt: async (target) => {
        const authority = await target.authority(port.authority);
        await askWith(target, port, await forge(authority, port.subject, port.names));
      },
      refusal: alert,
      control: (target) => asksItself(target, port),
    })),
  ]),
  // Of a client it is not asked: in etcd's network clients have no names.
  ...etcdPorts
    .filter(({ from }) => from !== "pg-1")
    .map((port): Attack => ({
      title: `asking ${port.title} by the certificate of another member than asks`,
      why: "members compare the names in it with the address that it comes from",
      attempt: async (target) => {
        const authority = await target.authority(port.authority);
        await askWith(target, port, await authority.issue("OU=etcd-3", etcdCertificateNames("etcd-3")));
      },
      refusal: /no answer/,
      control: (target) => asksItself(target, port),
    })),
];
