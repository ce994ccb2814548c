import * as pulumi from "@pulumi/pulumi";
import {
  etcdCertificateNames,
  etcdClientFile,
  etcdRootFile,
  etcdTokenFile,
  type Authorities,
} from "../lib/cluster-config/certificates.ts";
import {
  etcdGrants,
  etcdLogin,
  type EtcdLogin,
  type EtcdUserName,
} from "../lib/cluster-config/etcd-users.ts";
import { etcdNames } from "../lib/cluster-config/topology.ts";
import { firstPassword } from "../lib/password-versions.ts";
import { EtcdUsers } from "../provider/ecosphere/sdk.ts";
import { ClusterCertificates, makeKey } from "./cluster-certificates.ts";
import type { ClusterPart, PartFile } from "./cluster-part.ts";
import { generatedPassword } from "./generated-password.ts";

export interface EtcdAccessArgs {
  readonly stack: string;
  /** The numbers of the authorities to believe; the first one signs. */
  readonly authorities: Authorities;
  /** The parts that may ask etcd. */
  readonly clients: readonly string[];
}

/**
 * Who may use etcd: its members and its clients by certificates of an authority of their own, which no other part has,
 * and among those by users. See docs/decisions/0012-etcd-users.md.
 */
export class EtcdAccess extends pulumi.ComponentResource {
  /** How each of etcd's users logs in. Secret. */
  readonly logins: Readonly<Record<EtcdUserName, pulumi.Output<EtcdLogin>>>;

  readonly #name: string;
  readonly #stack: string;
  readonly #certificates: ClusterCertificates;
  readonly #tokenKey: pulumi.Output<string>;

  constructor(name: string, args: EtcdAccessArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:cluster:EtcdAccess", name, {}, options);
    this.#name = name;
    this.#stack = args.stack;
    this.#certificates = new ClusterCertificates(
      `${name}-certificates`,
      {
        authority: `ecosphere-${args.stack} etcd`,
        authorities: args.authorities,
        parts: [...etcdNames, "root", ...args.clients].map((part) => ({
          name: part,
          ...etcdCertificateNames(part),
        })),
      },
      { parent: this },
    );
    this.#tokenKey = makeKey(`${name}-token`, this).privateKeyPem;
    const login = (user: EtcdUserName): pulumi.Output<EtcdLogin> =>
      generatedPassword(`${name}-${user}-password`, firstPassword, this).password.apply((password) =>
        etcdLogin(user, password),
      );
    this.logins = { patroni: login("patroni"), sentinel: login("sentinel") };
    this.registerOutputs({});
  }

  filesOfMember(member: string): readonly PartFile[] {
    return [
      ...this.#certificates.filesOf(member),
      { path: etcdRootFile, content: this.#certificates.identityOf("root") },
      { path: etcdTokenFile, content: this.#tokenKey },
    ];
  }

  fileOfClient(client: string, reloadSignal: string): PartFile {
    const { ca } = this.#certificates;
    const content = pulumi.interpolate`${this.#certificates.identityOf(client)}${ca}`;
    return { path: etcdClientFile, content, reloadSignal };
  }

  /**
   * Makes the users, and then has etcd ask for one.
   * @param clients everybody who asks etcd: by then each has its password
   */
  createUsers(members: readonly ClusterPart[], clients: readonly ClusterPart[]): EtcdUsers {
    const users = pulumi.all(this.logins).apply((logins) =>
      Object.values(logins).map(({ username, password }) => ({
        name: username,
        password,
        grants: [...etcdGrants[username]],
      })),
    );
    const containers = members.map(({ containerId }) => containerId);
    return new EtcdUsers(
      `${this.#name}-users`,
      { stack: this.#stack, containers, users },
      { parent: this, dependsOn: [...clients] },
    );
  }
}
