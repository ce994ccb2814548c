import { relative } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { imageName, stageBuildContext, type ImagePart } from "../lib/images.ts";
import { projectRoot } from "../lib/paths.ts";

export interface ClusterImagesArgs {
  /** The Debian trixie image that everything is built on. */
  readonly baseImage: string;
}

/**
 * The images of a cluster's parts, built from images/Dockerfile. They are shared by all stacks of this Docker
 * host and stay on it when a stack is destroyed: the next one starts in seconds.
 */
export class ClusterImages extends pulumi.ComponentResource {
  readonly postgres: pulumi.Output<string>;
  readonly etcd: pulumi.Output<string>;
  readonly proxy: pulumi.Output<string>;
  readonly sentinel: pulumi.Output<string>;

  constructor(name: string, args: ClusterImagesArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:cluster:Images", name, {}, options);
    const context = relative(projectRoot, stageBuildContext());

    const build = (part: ImagePart, dependsOn: pulumi.Resource[] = []): docker.RemoteImage =>
      new docker.RemoteImage(
        `${name}-${part}`,
        {
          name: imageName(part),
          keepLocally: true,
          build: {
            context,
            target: part,
            buildArgs: { BASE_IMAGE: args.baseImage },
            // Docker's own bridge has no name resolution on some hosts.
            networkMode: "host",
          },
        },
        // Else the provider would have every container of the old image deleted before the new one is built.
        { parent: this, dependsOn, deleteBeforeReplace: false },
      );
    // First and alone: side by side, three builds without a cache would each install the same packages.
    const base = build("base");
    this.postgres = build("postgres", [base]).imageId;
    this.etcd = build("etcd", [base]).imageId;
    this.proxy = build("proxy", [base]).imageId;
    this.sentinel = build("sentinel", [base]).imageId;
    const { postgres, etcd, proxy, sentinel } = this;
    this.registerOutputs({ postgres, etcd, proxy, sentinel });
  }
}
