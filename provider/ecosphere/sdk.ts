import * as pulumi from "@pulumi/pulumi";
import type { EtcdUser } from "../../lib/cluster/etcd-users.ts";
import {
  clusterSettingsToken,
  etcdUsersToken,
  gateToken,
  joinedToken,
  rolePasswordsToken,
  turnToken,
  volumeFileToken,
} from "./schema.ts";

export interface VolumeFileArgs {
  /** The Docker volume's name. Changing it replaces the file. */
  readonly volume: pulumi.Input<string>;
  /** Relative to the volume, such as `patroni.yml`. Changing it replaces the file. */
  readonly path: pulumi.Input<string>;
  /** Always stored as a secret. */
  readonly content: pulumi.Input<string>;
  /** Octal; default "0400". */
  readonly mode?: pulumi.Input<string>;
  readonly uid: pulumi.Input<number>;
  readonly gid: pulumi.Input<number>;
  /** For a helper container that is never started; default any on the host. Changing it alone changes nothing. */
  readonly image?: pulumi.Input<string>;
  /** Sent to the running containers that mount the volume after the content has changed; default none. */
  readonly reloadSignal?: pulumi.Input<string>;
}

/** A file in a Docker volume: configuration or a secret for one container. */
export class VolumeFile extends pulumi.CustomResource {
  declare readonly volume: pulumi.Output<string>;
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: VolumeFileArgs, opts: pulumi.CustomResourceOptions = {}) {
    const secrets = { additionalSecretOutputs: ["content"] };
    super(
      volumeFileToken,
      name,
      { ...args, content: pulumi.secret(args.content) },
      pulumi.mergeOptions(opts, secrets),
    );
  }
}

export interface GateArgs {
  /** Ids of the cluster's containers: the gate waits again when one changes. */
  readonly containers: pulumi.Input<pulumi.Input<string>[]>;
  /** Where the admin endpoint listens; a port a proxy, of which one has to answer. */
  readonly host: pulumi.Input<string>;
  readonly adminPorts: pulumi.Input<pulumi.Input<number>[]>;
  /** Needs pg_monitor. */
  readonly username: pulumi.Input<string>;
  /** Always stored as a secret. */
  readonly password: pulumi.Input<string>;
  /** Default `postgres`. */
  readonly database?: pulumi.Input<string>;
  /** Authorities by which the server is verified over TLS, as PEM. Default: a plain connection. */
  readonly ca?: pulumi.Input<string>;
  /** How many replicas must be streaming. */
  readonly replicas: pulumi.Input<number>;
  /** Names of the instances, for messages. */
  readonly members?: pulumi.Input<pulumi.Input<string>[]>;
  /** Default 180. Changing it alone changes nothing. */
  readonly timeoutSeconds?: pulumi.Input<number>;
}

/** A cluster that accepts writes and has its replicas streaming; whoever connects takes host and port from it. */
export class Gate extends pulumi.CustomResource {
  /** Unknown in a preview that creates the gate, so that nothing connects before the cluster is there. */
  declare readonly host: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;

  constructor(name: string, args: GateArgs, opts: pulumi.CustomResourceOptions = {}) {
    const inputs = { ...args, password: pulumi.secret(args.password), port: undefined };
    super(gateToken, name, inputs, pulumi.mergeOptions(opts, { additionalSecretOutputs: ["password"] }));
  }
}

export interface TurnArgs {
  readonly stack: string;
  readonly part: string;
  /** What the container is made from; a container with another `specLabel` is to be replaced. */
  readonly spec: pulumi.Input<string>;
  /** All parts of its kind. Changing it alone changes nothing. */
  readonly peers: readonly string[];
  /** Of its peers: those that go first while it is the primary. Changing it alone changes nothing. */
  readonly before: readonly string[];
}

/** Before a part's container: waits for the moment in which it may be replaced. */
export class Turn extends pulumi.CustomResource {
  constructor(name: string, args: TurnArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(turnToken, name, { ...args }, opts);
  }
}

export interface JoinedArgs {
  readonly stack: string;
  readonly part: string;
  /** The id of the part's container. */
  readonly container: pulumi.Input<string>;
  /** All parts of its kind. Changing it alone changes nothing. */
  readonly peers: readonly string[];
}

/** Behind a part's container: waits until the part that was replaced is at work again. */
export class Joined extends pulumi.CustomResource {
  constructor(name: string, args: JoinedArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(joinedToken, name, { ...args }, opts);
  }
}

export interface ClusterSettingsArgs {
  readonly stack: string;
  /** Ids of the cluster's containers, for messages. Changing it alone changes nothing. */
  readonly containers: pulumi.Input<pulumi.Input<string>[]>;
  /** Patroni's settings of the whole cluster. */
  readonly settings: object;
}

/** Patroni's settings of a cluster, brought to it as long as it lives. */
export class ClusterSettings extends pulumi.CustomResource {
  constructor(name: string, args: ClusterSettingsArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(clusterSettingsToken, name, { ...args }, opts);
  }
}

export interface EtcdUsersArgs {
  readonly stack: string;
  /** Ids of the members' containers: the users are looked for again when one changes. */
  readonly containers: pulumi.Input<pulumi.Input<string>[]>;
  /** All users besides root; others are removed. Always stored as a secret. */
  readonly users: pulumi.Input<readonly EtcdUser[]>;
}

/** The users of a stack's etcd, which asks everybody for one as soon as they are there. */
export class EtcdUsers extends pulumi.CustomResource {
  constructor(name: string, args: EtcdUsersArgs, opts: pulumi.CustomResourceOptions = {}) {
    const inputs = { ...args, users: pulumi.secret(args.users) };
    super(etcdUsersToken, name, inputs, pulumi.mergeOptions(opts, { additionalSecretOutputs: ["users"] }));
  }
}

export interface RolePasswordsArgs {
  readonly stack: string;
  /** The number of each role's password, by role: what a preview shows of a change. */
  readonly versions: Readonly<Record<string, number>>;
  /** Of the same roles. Always stored as a secret. */
  readonly passwords: Readonly<Record<string, pulumi.Input<string>>>;
  /** Every port on which a pooler listens, which has to learn a new password. Default none. Changing it alone changes nothing. */
  readonly poolers?: readonly { readonly host: string; readonly port: number }[];
  /** Ids of the instances' containers: when one changes, its data may be those of a new cluster, which knows none. Default none. */
  readonly containers?: pulumi.Input<string>[];
  /** Authorities by which the poolers are verified over TLS, as PEM. Changing it alone changes nothing. */
  readonly ca?: pulumi.Input<string>;
}

/** The passwords of roles that are there already. When they change, sessions go on and no client sees an error. */
export class RolePasswords extends pulumi.CustomResource {
  constructor(name: string, args: RolePasswordsArgs, opts: pulumi.CustomResourceOptions = {}) {
    const inputs = { ...args, passwords: pulumi.secret(args.passwords) };
    super(
      rolePasswordsToken,
      name,
      inputs,
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["passwords"] }),
    );
  }
}
