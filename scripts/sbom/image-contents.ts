import type Docker from "dockerode";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { isNotFound } from "../../lib/docker.ts";
import { UserError } from "../../lib/errors.ts";
import { digestOf } from "../../toolchain/base-image.ts";
import {
  listDistributions,
  parseDistributions,
  parseDpkgStatus,
  type InstalledPackage,
} from "./installed.ts";
import type { BilledImage } from "./spdx.ts";

const ended = z.object({ StatusCode: z.number() });

/** An image with what is in it. */
export interface ImageContents {
  readonly image: BilledImage;
  readonly packages: readonly InstalledPackage[];
}

/**
 * Asks an image what it holds, in a container without network that is gone afterwards.
 * @param base the image that it was built on, as the configuration names it; told by its digest when it was pulled
 * @throws UserError `image-missing`
 */
export async function readImage(docker: Docker, reference: string, base: string): Promise<ImageContents> {
  const [name = "", tag = ""] = reference.split(":");
  const { Id: id, Created: created } = await docker
    .getImage(reference)
    .inspect()
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new UserError(
        "image-missing",
        `there is no image ${reference}`,
        "Run ./ecosphere up: it builds it.",
      );
    });
  const python = `exec /opt/patroni/bin/python -I -c "${listDistributions}"`;
  const [status, distributions] = [
    await print(docker, id, ["cat", "/var/lib/dpkg/status"]),
    await print(docker, id, ["bash", "-c", python]),
  ];
  const packages = [...parseDpkgStatus(status), ...parseDistributions(distributions)];
  return { image: { name, tag, id, created, base: (await digestOf(base)) ?? base }, packages };
}

async function print(docker: Docker, image: string, command: string[]): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: command,
    Cmd: [],
    NetworkDisabled: true,
    HostConfig: { NetworkMode: "none", ReadonlyRootfs: true, CapDrop: ["ALL"] },
  });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const [out, errors] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, out, errors);
    stream.once("end", () => {
      out.end();
      errors.end();
    });
    const printed = Promise.all([text(out), text(errors)]);
    await container.start();
    const [stdout, stderr] = await printed;
    const { StatusCode: code } = ended.parse(await container.wait());
    if (code !== 0) throw new Error(`${command[0] ?? ""} in ${image} ended with ${code}: ${stderr}`);
    return stdout;
  } finally {
    await container.remove({ force: true });
  }
}
