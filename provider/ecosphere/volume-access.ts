import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { isConflict, isNotFound } from "../../lib/docker.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { packFile, unpackFile, type StoredFile } from "./volume-archive.ts";

/** A file's place, and an image for a helper container when no container mounts the volume. */
export interface FilePlace {
  readonly volume: string;
  readonly path: string;
  readonly image?: string | undefined;
}

const helperLabel = "ecosphere.helper";
/** Tells this process's helper containers from those that a killed one left behind. */
const processLabel = "ecosphere.helper.process";
const processId = randomBytes(8).toString("hex");
const helperFolder = "/ecosphere-volume";

/**
 * Writes the file with its owner and mode. Docker removes the old file, then writes the new one in place: a
 * reader in that instant finds none, never one with the wrong owner or a wider mode. Without a process in the
 * container there is no rename, so readers are told by a signal once it is done.
 * @throws UserError `volume-missing`, `image-missing`, `file-not-written`
 */
export async function writeFile(
  docker: Docker,
  place: FilePlace,
  file: StoredFile,
  signal: AbortSignal,
): Promise<void> {
  if (!(await hasVolume(docker, place.volume))) {
    throw new UserError(
      "volume-missing",
      `the Docker volume ${place.volume} does not exist, so ${place.path} cannot be written into it`,
      "Run `./ecosphere up` again: it finds the missing volume and makes it.",
    );
  }
  const archive = await packFile(place.path, file);
  try {
    await withMount(docker, place, "write", signal, async (container, folder) => {
      // Docker would otherwise remove a directory, with all in it, that stands where the file belongs.
      await container.putArchive(archive, { path: folder, noOverwriteDirNonDir: true, abortSignal: signal });
    });
  } catch (error) {
    if (signal.aborted || error instanceof UserError) throw error;
    throw new UserError(
      "file-not-written",
      `cannot write ${place.path} into the Docker volume ${place.volume}: ${messageOf(error)}`,
    );
  }
}

/** The file as it is; undefined when the volume or the file is missing, or it is no regular file. */
export async function readFile(
  docker: Docker,
  place: FilePlace,
  signal: AbortSignal,
): Promise<StoredFile | undefined> {
  if (!(await hasVolume(docker, place.volume))) return undefined;
  return withMount(docker, place, "read", signal, async (container, folder) => {
    try {
      return await unpackFile(
        await container.getArchive({ path: `${folder}/${place.path}`, abortSignal: signal }),
      );
    } catch (error) {
      // The same status says that the container is gone, and the client calls it so in either case.
      if (isNotFound(error) && /could not find the file/i.test(messageOf(error))) return undefined;
      throw error;
    }
  });
}

/** Sends `name` (`SIGHUP`) to every running container that mounts the volume; returns their names. */
export async function signalContainers(docker: Docker, volume: string, name: string): Promise<string[]> {
  const told: string[] = [];
  for (const { container, label, state } of await mountsOf(docker, volume)) {
    // A paused container gets it as it goes on.
    if (state !== "running" && state !== "paused") continue;
    try {
      await container.kill({ signal: name });
      told.push(label);
    } catch (error) {
      // It has stopped since: it reads the file when it starts.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
  return told;
}

/** Removes helper containers of a process that was killed: they would keep the volume from being removed. */
export async function removeStaleHelpers(docker: Docker, volume: string): Promise<void> {
  const filters = { volume: [volume], label: [`${helperLabel}=1`] };
  for (const found of await docker.listContainers({ all: true, filters })) {
    if (found.Labels[processLabel] !== processId) await remove(docker.getContainer(found.Id));
  }
}

interface VolumeMount {
  readonly container: Docker.Container;
  readonly label: string;
  readonly state: string;
  readonly folder: string;
  readonly isWritable: boolean;
}

async function mountsOf(docker: Docker, volume: string): Promise<VolumeMount[]> {
  const listed = await docker.listContainers({ all: true, filters: { volume: [volume] } });
  return listed.flatMap((found) => {
    // The filter also finds containers with a mount point of that name.
    const mount = found.Mounts.find(({ Type, Name }) => Type === "volume" && Name === volume);
    const isUsable = found.State !== "removing" && found.State !== "dead" && !(helperLabel in found.Labels);
    if (!mount || !isUsable) return [];
    return {
      container: docker.getContainer(found.Id),
      label: found.Names[0]?.replace(/^\//, "") ?? found.Id.slice(0, 12),
      state: found.State,
      folder: mount.Destination,
      isWritable: mount.RW,
    };
  });
}

/** Runs `work` on a container that mounts the volume: one that is there, else a helper made for it. */
async function withMount<T>(
  docker: Docker,
  place: FilePlace,
  purpose: "read" | "write",
  signal: AbortSignal,
  work: (container: Docker.Container, folder: string) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const mounts = await mountsOf(docker, place.volume);
  const mount = mounts.find(({ isWritable }) => isWritable || purpose === "read");
  if (mount) {
    try {
      return await work(mount.container, mount.folder);
    } catch {
      // It may be going away just now. What else is wrong, the helper meets and reports.
      signal.throwIfAborted();
    }
  }
  await removeStaleHelpers(docker, place.volume);
  const name = `ecosphere-helper-${randomBytes(6).toString("hex")}`;
  const helper = docker.getContainer(name);
  try {
    await docker.createContainer(helperOptions(name, place.volume, await anyImage(docker, place.image)));
    return await work(helper, helperFolder);
  } finally {
    await remove(helper);
  }
}

/** A container that is never started; Docker unpacks into it all the same. */
function helperOptions(name: string, volume: string, image: string): Docker.ContainerCreateOptions {
  return {
    name,
    Image: image,
    Cmd: ["never-started"],
    Labels: { [helperLabel]: "1", [processLabel]: processId },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: "none",
      Mounts: [
        {
          Type: "volume",
          Source: volume,
          Target: helperFolder,
          VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: "", Options: {} } },
        },
      ],
    },
  };
}

/** The image that was asked for, else any: the one in the state may have been rebuilt and removed since. */
async function anyImage(docker: Docker, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) {
    try {
      return (await docker.getImage(wanted).inspect()).Id;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const other = (await docker.listImages())[0];
  if (other) return other.Id;
  throw new UserError(
    "image-missing",
    `no container mounts the volume, and there is no image ${wanted ?? ""} for a helper container`,
    "Run `./ecosphere up`: it builds the image.",
  );
}

async function hasVolume(docker: Docker, volume: string): Promise<boolean> {
  try {
    await docker.getVolume(volume).inspect();
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function remove(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    // 409: somebody else is at it.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
