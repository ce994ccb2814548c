import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PartLimits } from "../lib/cluster-config/limits.ts";
import { dockerSocket } from "../lib/cluster-config/sentinel.ts";
import { configFolder } from "../lib/cluster-config/topology.ts";
import { specLabel } from "../lib/cluster/stack-containers.ts";
import { Joined, Turn, VolumeFile } from "../provider/ecosphere/sdk.ts";

export interface PartFile {
  readonly path: string;
  /** Stored encrypted, whatever it holds. */
  readonly content: pulumi.Input<string>;
  /** Sent in place of the part's own signal when this file changes. */
  readonly reloadSignal?: string | undefined;
}

/** Its place among the parts of its kind. See docs/decisions/0007-rolling-changes.md. */
export interface PartTurn {
  readonly peers: readonly string[];
  /** Of its peers: those that go first while it is the primary. */
  readonly before: readonly string[];
  /** Those whose turn has come before this one asks for its own. */
  readonly after: readonly ClusterPart[];
}

export interface ClusterPartArgs {
  /** The part's name in the first of its networks, and the last piece of its container's name: `pg-1`. */
  readonly part: string;
  readonly stack: string;
  readonly image: pulumi.Input<string>;
  /** Its networks, with its names in each of them. */
  readonly networks: readonly { readonly name: pulumi.Input<string>; readonly aliases: readonly string[] }[];
  readonly limits: PartLimits;
  /** The user and group of the image: files are readable for them alone. */
  readonly userId: number;
  /** What stands in the part's folder of configuration. Changed content is written in place. */
  readonly files: readonly PartFile[];
  /** The signal on which the part reads its files again. Without it, the next start does. */
  readonly reloadSignal?: string;
  /** Where the part keeps data, in a named volume. Changing it leaves the data behind. */
  readonly dataFolder?: string;
  /** Published on `bindAddress`: the port outside, the port inside. */
  readonly bindAddress: string;
  readonly ports: readonly { readonly external: number; readonly internal: number }[];
  /** A command that ends with 0 when the part is well; `httpHealth` and `httpsHealth` make one. */
  readonly health: readonly string[];
  /** The host's Docker socket, for a part without any port. */
  readonly dockerSocket?: string;
  readonly stopSignal: string;
  /** Seconds between the stop signal and the end by force. */
  readonly stopSeconds: number;
  /** How many files of 10 MB its log may fill (default: 3). */
  readonly logFiles?: number;
  /** Whether the removal of its data is refused. */
  readonly isProtected: boolean;
  /** One of several parts that are replaced one after the other; without it, it is replaced at any time. */
  readonly turn?: PartTurn;
}

/** Whether the part answers 200 over HTTPS, to its own certificate. */
export function httpsHealth(port: number, path: string): readonly string[] {
  return [...httpHealth(port, path), "tls"];
}

/** Whether the part answers 200 over HTTP. */
export function httpHealth(port: number, path: string): readonly string[] {
  return ["http-health", String(port), path];
}

/** One container of a cluster with its volumes and its files: non-root, read-only root, no capabilities. */
export class ClusterPart extends pulumi.ComponentResource {
  readonly containerId: pulumi.Output<string>;
  readonly turn: Turn | undefined;
  readonly joined: Joined | undefined;

  constructor(name: string, args: ClusterPartArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:cluster:Part", name, {}, options);
    const fullName = `ecosphere-${args.stack}-${args.part}`;
    const labels = [
      { label: "ecosphere.part", value: args.part },
      { label: "ecosphere.stack", value: args.stack },
    ];

    const config = new docker.Volume(
      `${name}-config`,
      { name: `${fullName}-config`, labels },
      { parent: this },
    );
    const files = args.files.map(
      ({ path, content, reloadSignal = args.reloadSignal }) =>
        new VolumeFile(
          `${name}-${path}`,
          {
            volume: config.name,
            path,
            content,
            uid: args.userId,
            gid: args.userId,
            image: args.image,
            ...(reloadSignal === undefined ? {} : { reloadSignal }),
          },
          { parent: this, deletedWith: config },
        ),
    );
    const volumes: docker.types.input.ContainerVolume[] = [
      { volumeName: config.name, containerPath: configFolder },
    ];
    if (args.dataFolder !== undefined) {
      const data = new docker.Volume(
        `${name}-data`,
        { name: `${fullName}-data`, labels },
        { parent: this, protect: args.isProtected },
      );
      volumes.push({ volumeName: data.name, containerPath: args.dataFolder });
    }

    if (args.dockerSocket !== undefined) {
      volumes.push({ hostPath: args.dockerSocket, containerPath: dockerSocket });
    }

    const owner = `uid=${args.userId},gid=${args.userId}`;
    const made: docker.ContainerArgs = {
      // No hostname: Docker would know the part by it in each of its networks.
      name: fullName,
      image: args.image,
      networksAdvanced: args.networks.map(({ name: network, aliases }) => ({
        name: network,
        aliases: [...aliases],
      })),
      ...args.limits,
      // Cut off from its networks, a container would wait ten seconds for each name: Patroni asks for three of them,
      // and would not step down within its lease.
      dnsOpts: ["timeout:1", "attempts:1"],
      ports: args.ports.map((port) => ({ ...port, ip: args.bindAddress })),
      volumes,
      // After a crash, and after a reboot of the host.
      restart: "always",
      readOnly: true,
      tmpfs: { "/tmp": `${owner},mode=700`, "/run/postgresql": `${owner},mode=700` },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      healthcheck: {
        tests: ["CMD", ...args.health],
        // Nothing waits for it: the gate asks the cluster itself. Each check starts a process in the container,
        // and seven of them every few seconds would show on a small host, most of all while it starts.
        interval: "20s",
        timeout: "5s",
        retries: 3,
      },
      stopSignal: args.stopSignal,
      stopTimeout: args.stopSeconds,
      destroyGraceSeconds: args.stopSeconds,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": String(args.logFiles ?? 3) },
    };
    const spec = pulumi.jsonStringify(made).apply(fingerprint);
    const { stack, part, turn } = args;
    if (turn) {
      const after = turn.after.flatMap((other) => other.turn ?? []);
      const { peers, before } = turn;
      const turnArgs = { stack, part, spec, peers, before };
      this.turn = new Turn(`${name}-turn`, turnArgs, { parent: this, dependsOn: after });
    }
    const container = new docker.Container(
      `${name}-container`,
      { ...made, labels: [...labels, { label: specLabel, value: spec }] },
      // A container's name and ports are taken until the old one is gone.
      { parent: this, dependsOn: [...files, ...(this.turn ? [this.turn] : [])], deleteBeforeReplace: true },
    );
    if (turn) {
      const joinedArgs = { stack, part, container: container.id, peers: turn.peers };
      this.joined = new Joined(`${name}-joined`, joinedArgs, { parent: this });
    }
    this.containerId = container.id;
    this.registerOutputs({ containerId: this.containerId });
  }
}

function fingerprint(made: string): string {
  return createHash("sha256").update(made).digest("hex").slice(0, 16);
}
