import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

/** A registry on 127.0.0.1 with one image of one empty layer. */
export interface SmallRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT/debian`. */
  readonly name: string;
  /** `sha256:…` of the image's manifest. */
  readonly digest: string;
  /** Whether it gives out another manifest by that digest. */
  isForged: boolean;
}

const json = "application/vnd.docker.container.image.v1+json";
const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const layerType = "application/vnd.docker.image.rootfs.diff.tar";

export async function startSmallRegistry(): Promise<SmallRegistry> {
  // The end of an archive, which is all that there is of an empty one.
  const layer = Buffer.alloc(1024);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [sha256(layer)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: json, size: config.length, digest: sha256(config) },
      layers: [{ mediaType: layerType, size: layer.length, digest: sha256(layer) }],
    }),
  );
  const digest = sha256(manifest);
  const blobs = new Map([config, layer].map((blob) => [sha256(blob), blob]));
  const server = createServer((request, response) => {
    const [, kind, last = ""] = /^\/v2\/debian\/(manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
    const isManifest = kind === "manifests" && last === digest;
    const body = isManifest ? manifestOf(registry.isForged) : blobs.get(last);
    if (request.url === "/v2/") {
      response.writeHead(200).end("{}");
    } else if (body === undefined) {
      response.writeHead(404).end();
    } else {
      const type = isManifest ? manifestType : "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-length": body.length });
      response.end(request.method === "HEAD" ? undefined : body);
    }
  }).listen(0, "127.0.0.1");
  const manifestOf = (isForged: boolean): Buffer =>
    isForged ? Buffer.from(manifest.toString().replace("{", "{ ")) : manifest;
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the registry has no port");
  const registry: SmallRegistry = {
    name: `127.0.0.1:${address.port}/debian`,
    digest,
    isForged: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return registry;
}

function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
