import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { messageOf, UserError } from "../lib/errors.ts";

/**
 * Makes an image of a folder and gives it a name, as `tar | docker import` does but without the command, and
 * without an image when tar fails half way: the name is given to a whole one only.
 * @param name with a tag
 * @throws UserError `import-image`
 */
export async function importImage(docker: Docker, folder: string, name: string): Promise<void> {
  const tar = spawn("tar", ["-C", folder, "-c", "."], { stdio: ["ignore", "pipe", "pipe"] });
  const complaint = text(tar.stderr);
  const ending = new Promise<string | undefined>((resolve) => {
    tar.once("error", (error) => {
      resolve(error.message);
    });
    tar.once("close", (code, signal) => {
      resolve(code === 0 ? undefined : `tar ended with ${signal ?? `code ${String(code)}`}`);
    });
  });
  let id: string | undefined;
  try {
    id = await imported(docker, await docker.importImage(tar.stdout));
    const failure = await ending;
    if (failure !== undefined) throw new Error(`${failure}\n${await complaint}`.trimEnd());
    const colon = name.lastIndexOf(":");
    await docker.getImage(id).tag({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
  } catch (error) {
    tar.kill();
    if (id !== undefined) {
      await docker
        .getImage(id)
        .remove()
        .catch(() => undefined);
    }
    throw new UserError(
      "import-image",
      `the image ${name} could not be imported from ${folder}: ${messageOf(error)}`,
      "Run the same command again; when the disk is full, docker system prune takes back what is unused.",
    );
  }
}

/** Returns the image's id, which Docker says at the end. */
async function imported(docker: Docker, stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, events: unknown[] | null) => {
      const id = events?.findLast(isImageId);
      if (error) reject(error);
      else if (id) resolve(id.status);
      else reject(new Error(`Docker answered ${JSON.stringify(events)}`));
    });
  });
}

function isImageId(event: unknown): event is { readonly status: string } {
  return (
    typeof event === "object" &&
    event !== null &&
    "status" in event &&
    typeof event.status === "string" &&
    event.status.startsWith("sha256:")
  );
}
