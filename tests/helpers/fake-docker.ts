import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Docker daemon that knows of images only, and notes what it is asked for. */
export interface FakeDocker extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** The names of the images that it has. */
  readonly images: Set<string>;
  /** The names that it was asked to pull. */
  readonly pulled: string[];
  /** The ids that it was asked to remove. */
  readonly removed: string[];
  /** The archives that it has imported. */
  readonly imported: Buffer[];
  /** What a pull ends with; undefined when it succeeds. */
  refusal: string | undefined;
}

const importedId = "sha256:1234";

/** Starts one on a socket of its own. */
export async function startFakeDocker(): Promise<FakeDocker> {
  const folder = mkdtempSync(join(tmpdir(), "ecosphere-fake-docker-"));
  const socket = join(folder, "docker.sock");
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://docker");
    const image = /^\/images\/(.+?)(\/json|\/tag)?$/.exec(decodeURIComponent(url.pathname))?.[1] ?? "";
    const from = url.searchParams.get("fromImage");
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\r\n`);
    };
    if (url.pathname === "/_ping") {
      response.end("OK");
    } else if (request.method === "GET") {
      if (fake.images.has(image)) answer(200, { Id: importedId });
      else answer(404, { message: `No such image: ${image}` });
    } else if (request.method === "DELETE") {
      fake.removed.push(image);
      answer(200, []);
    } else if (url.pathname.endsWith("/tag")) {
      fake.images.add(`${url.searchParams.get("repo")}:${url.searchParams.get("tag")}`);
      answer(201, {});
    } else if (from !== null) {
      const tag = url.searchParams.get("tag") ?? "";
      const name = tag.startsWith("sha256:") ? `${from}@${tag}` : `${from}:${tag}`;
      fake.pulled.push(name);
      if (fake.refusal !== undefined) {
        answer(500, { message: fake.refusal });
      } else {
        fake.images.add(name);
        answer(200, { status: `Downloaded ${name}` });
      }
    } else {
      void buffer(request).then((archive) => {
        fake.imported.push(archive);
        answer(200, { status: importedId });
      });
    }
  }).listen(socket);
  const fake: FakeDocker = {
    address: `unix://${socket}`,
    images: new Set(),
    pulled: [],
    removed: [],
    imported: [],
    refusal: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await once(server, "listening");
  return fake;
}
