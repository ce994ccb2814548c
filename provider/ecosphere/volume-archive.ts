import { buffer, text } from "node:stream/consumers";
import { extract, pack } from "tar-stream";

/** A regular file as a volume holds it. `mode` is octal, four digits. */
export interface StoredFile {
  readonly content: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
}

/** Far more than configuration needs: a directory of data at a file's path must not be read into memory. */
const maxArchiveBytes = 16 * 1024 * 1024;

/** A tar archive with the one file, whose owner and mode Docker gives it as it unpacks. */
export async function packFile(path: string, file: StoredFile): Promise<Buffer> {
  const archive = pack();
  const header = { name: path, mode: Number.parseInt(file.mode, 8), uid: file.uid, gid: file.gid };
  archive.entry(header, Buffer.from(file.content, "utf8"));
  archive.finalize();
  return buffer(archive);
}

/** The file of an archive with one entry; undefined for a directory, a link or a device. */
export async function unpackFile(stream: NodeJS.ReadableStream): Promise<StoredFile | undefined> {
  const archive = extract();
  archive.end(await collect(stream));
  for await (const entry of archive) {
    const { type, mode, uid, gid } = entry.header;
    if (type !== "file") return undefined;
    const octal = (mode & 0o7777).toString(8).padStart(4, "0");
    return { content: await text(entry), mode: octal, uid, gid };
  }
  return undefined;
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxArchiveBytes) throw new Error(`it holds more than ${maxArchiveBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
