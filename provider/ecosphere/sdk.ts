import * as pulumi from "@pulumi/pulumi";
import { gateToken, volumeFileToken } from "./schema.ts";

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
