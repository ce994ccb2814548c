import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isMap, parse as valueOf, parseDocument, type Document } from "yaml";
import { messageOf, UserError } from "../../lib/errors.ts";
import type { StackFolder } from "./stack-folder.ts";

/** The project's name in front of a key of the configuration. */
const project = "ecosphere";

/**
 * The stack's copy of its configuration. Pulumi writes a stack's salt into the file that it reads, and
 * reformats it; a copy keeps the tracked file as the user wrote it.
 */
export class StackConfig {
  readonly #folder: StackFolder;
  readonly #document: Document;

  private constructor(folder: StackFolder, document: Document) {
    this.#folder = folder;
    this.#document = document;
  }

  /** Reads the copy with what has changed in the tracked file; writes nothing. @throws UserError `config-syntax` */
  static peek(folder: StackFolder): StackConfig {
    const files = [folder.config, folder.seenConfig, folder.trackedConfig] as const;
    const [copy, seen, tracked] = files.map(readIfThere);
    return new StackConfig(folder, mergeConfig(copy ?? "", seen ?? "", tracked ?? "", files));
  }

  /** As `peek`, and brings the copy up to date. @throws UserError `config-syntax` */
  static open(folder: StackFolder): StackConfig {
    const config = StackConfig.peek(folder);
    mkdirSync(folder.path, { recursive: true, mode: 0o700 });
    config.#save();
    writeAtomically(folder.seenConfig, readIfThere(folder.trackedConfig));
    return config;
  }

  /** The plain value of a key of this project, as text; undefined when the stack does not set it. */
  get(key: string): string | undefined {
    const value: unknown = this.#document.getIn(["config", `${project}:${key}`]);
    if (typeof value === "string") return value;
    return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
  }

  /** Every plain value of this project, by key; what `parseSettings` reads. */
  values(): ReadonlyMap<string, string> {
    const values = new Map<string, string>();
    const config: unknown = this.#document.toJS();
    const keys = isRecord(config) && isRecord(config["config"]) ? Object.keys(config["config"]) : [];
    for (const key of keys) {
      if (!key.startsWith(`${project}:`)) continue;
      const name = key.slice(project.length + 1);
      const value = this.get(name);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }

  set(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) {
      if (this.get(key) !== value) put(this.#document, ["config", `${project}:${key}`], value);
    }
    this.#save();
  }

  /** Whether Pulumi has made the stack from this copy: it has a salt or another way to its secrets. */
  get hasSecretsProvider(): boolean {
    return ["encryptionsalt", "encryptedkey", "secretsprovider"].some((key) => this.#document.has(key));
  }

  #save(): void {
    const text = String(this.#document);
    if (readIfThere(this.#folder.config) !== text) writeAtomically(this.#folder.config, text);
  }
}

/**
 * What of `tracked` has changed since `seen` goes into `copy`; everything else in `copy` stays: the salt,
 * the chosen ports, what `pulumi config set` wrote. All three are YAML.
 * @param files where they stand, for messages
 * @throws UserError `config-syntax`
 */
export function mergeConfig(
  copy: string,
  seen: string,
  tracked: string,
  files: readonly [string, string, string] = ["the stack's copy", "what was seen", "the tracked file"],
): Document {
  const merged = parse(copy, files[0]);
  const before = parse(seen, files[1]);
  const now = parse(tracked, files[2]);
  const paths = new Map<string, readonly string[]>();
  for (const document of [before, now]) {
    for (const path of pathsOf(document)) paths.set(path.join("\0"), path);
  }
  for (const path of paths.values()) {
    const value: unknown = plain(now, path);
    if (JSON.stringify(value) === JSON.stringify(plain(before, path))) continue;
    if (value !== undefined) put(merged, path, value);
    else if (merged.hasIn(path)) merged.deleteIn(path);
  }
  // Some YAML can be read and not written: a byte order mark in an anchor, a comment with a bare return in it.
  refuseUnlessReadBack(merged, files[0]);
  return merged;
}

/** Below a `config:` without keys, too, which is no collection to YAML and takes none. */
function put(document: Document, path: readonly string[], value: unknown): void {
  const [first] = path;
  if (path.length > 1 && document.get(first) === undefined) document.set(first, document.createNode({}));
  document.setIn(path, document.createNode(value));
}

function refuseUnlessReadBack(document: Document, file: string): void {
  let again: unknown;
  try {
    again = valueOf(String(document), { logLevel: "error" });
  } catch (error) {
    throw damaged(file, `cannot be read once it is written again: ${messageOf(error)}`);
  }
  if (JSON.stringify(again) !== JSON.stringify(document.toJS())) {
    throw damaged(file, "reads as something else once it is written again");
  }
}

function parse(text: string, file: string): Document {
  const document: Document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw damaged(file, `is not YAML: ${error.message}`);
  if (document.contents === null) document.contents = document.createNode({});
  if (!isMap(document.contents)) throw damaged(file, "holds no keys with values");
  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    // An alias that leads nowhere, or that unfolds without end.
    throw damaged(file, `is not YAML: ${messageOf(error)}`);
  }
  const config = isRecord(content) ? content["config"] : undefined;
  if (config !== undefined && config !== null && !isRecord(config))
    throw damaged(file, "has no keys below config");
  return document;
}

function damaged(file: string, what: string): UserError {
  return new UserError(
    "config-syntax",
    `a stack's configuration is damaged: ${file} ${what}`,
    "Mend it by hand, or take it from a backup. The stack's own copy holds the salt of its passwords.",
  );
}

/** The keys of the top level, and below `config` each of its own. */
function pathsOf(document: Document): string[][] {
  const content: unknown = document.toJS();
  if (!isRecord(content)) return [];
  return Object.entries(content).flatMap(([key, value]) =>
    key === "config" && isRecord(value) ? Object.keys(value).map((name) => [key, name]) : [[key]],
  );
}

function plain(document: Document, path: readonly string[]): unknown {
  let value: unknown = document.toJS();
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function writeAtomically(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}
