import { spawn } from "node:child_process";
import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type { Fault } from "../../lib/errors.ts";
import type { Created, Found, Known, Provider } from "../../provider/host/provider.ts";
import { Engine, implement } from "../../provider/host/server.ts";
import { fromStruct, toStruct, type Properties } from "../../provider/host/values.ts";

/** What came back of a call, and which top-level keys of it were in a secret envelope. */
export type WithSecrets<T> = T & { readonly secretKeys: ReadonlySet<string> };

/** A provider's answer to Diff. */
export interface DiffAnswer {
  /** By property path, `update`, or `update-replace` when the property forces a replacement. */
  readonly changes: Readonly<Record<string, string>>;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** Everything that can be asked of one resource. The state is whatever the caller kept. */
export interface ResourceClient {
  check(inputs: Properties, olds?: Properties): Promise<WithSecrets<{ inputs: Properties; faults: Fault[] }>>;
  diff(id: string, old: Known, news: Properties): Promise<DiffAnswer>;
  create(inputs: Properties, preview?: boolean): Promise<WithSecrets<Created>>;
  /** `known` is absent in an import. Undefined: the provider says that it does not exist. */
  read(id: string, known?: Known): Promise<WithSecrets<Found> | undefined>;
  update(id: string, old: Known, news: Properties, preview?: boolean): Promise<WithSecrets<Known>>;
  delete(id: string, known: Known): Promise<void>;
  /** Check, then Create with what Check answered; faults throw. Returns what the state would hold. */
  make(inputs: Properties): Promise<Known & { readonly id: string }>;
}

/** A provider behind a real gRPC channel, as the engine would call it. Values are plain both ways. */
export interface ProviderClient extends AsyncDisposable {
  /** What the provider said to the user, `warning: …` or `info: …`, oldest first. */
  readonly messages: readonly string[];
  /** @param token `package:module:Type` @param name the last part of the URN */
  resource(token: string, name?: string): ResourceClient;
  checkConfig(config: Properties): Promise<WithSecrets<{ inputs: Properties; faults: Fault[] }>>;
  configure(config: Properties): Promise<void>;
  diffConfig(old: Properties, news: Properties): Promise<{ hasChanges: boolean; replaces: string[] }>;
  schema(): Promise<unknown>;
  /** As the engine does on Ctrl-C. */
  cancel(): Promise<void>;
}

/**
 * Serves `provider` on a free port and connects to it.
 * @param config given to Configure when present; without it the caller configures
 */
export async function connectProvider(provider: Provider, config?: Properties): Promise<ProviderClient> {
  const engine = new RecordingEngine();
  const server = new grpc.Server();
  server.addService(ResourceProviderService, implement(provider, engine));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  const client = clientOn(port, provider.name, engine.messages, async () => {
    server.forceShutdown();
  });
  if (config) await client.configure(config);
  return client;
}

/**
 * Starts the executable of a plugin, as the engine would, and connects to it. What it says to the user goes
 * nowhere, for there is no engine.
 */
export async function connectPlugin(executable: string, packageName: string): Promise<ProviderClient> {
  const nobody = "127.0.0.1:9";
  const plugin = spawn(executable, [nobody], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(plugin, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    let output = "";
    plugin.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("\n")) resolve(Number(output));
    });
    plugin.once("error", reject).once("exit", () => {
      reject(new Error(`${executable} ended before it said where it listens`));
    });
  });
  return clientOn(port, packageName, [], async () => {
    plugin.kill();
    await exited;
  });
}

function clientOn(
  port: number,
  packageName: string,
  messages: readonly string[],
  stop: () => Promise<void>,
): ProviderClient {
  const rpc = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    messages,
    resource: (token, name = "subject") => resourceClient(rpc, token, name),
    checkConfig: async (news) => {
      const request = new pb.CheckRequest().setUrn(
        `urn:pulumi:test::test::pulumi:providers:${packageName}::p`,
      );
      return checked(
        await call<pb.CheckResponse>((done) => rpc.checkConfig(request.setNews(toStruct(news)), done)),
      );
    },
    configure: async (args) => {
      const request = new pb.ConfigureRequest().setArgs(toStruct(args)).setAcceptsecrets(true);
      await call<pb.ConfigureResponse>((done) => rpc.configure(request, done));
    },
    diffConfig: async (old, news) => {
      const request = new pb.DiffRequest().setOldInputs(toStruct(old)).setOlds(toStruct(old));
      const answer = await call<pb.DiffResponse>((done) =>
        rpc.diffConfig(request.setNews(toStruct(news)), done),
      );
      return {
        hasChanges: answer.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: answer.getReplacesList(),
      };
    },
    schema: async () => {
      const answer = await call<pb.GetSchemaResponse>((done) =>
        rpc.getSchema(new pb.GetSchemaRequest(), done),
      );
      const schema: unknown = JSON.parse(answer.getSchema());
      return schema;
    },
    cancel: async () => {
      await call<emptyPb.Empty>((done) => rpc.cancel(new emptyPb.Empty(), done));
    },
    [Symbol.asyncDispose]: async () => {
      rpc.close();
      await stop();
    },
  };
}

function resourceClient(rpc: ResourceProviderClient, token: string, name: string): ResourceClient {
  const urn = `urn:pulumi:test::test::${token}::${name}`;
  const client: ResourceClient = {
    check: async (inputs, olds) => {
      const request = new pb.CheckRequest()
        .setUrn(urn)
        .setType(token)
        .setName(name)
        .setNews(toStruct(inputs));
      if (olds) request.setOlds(toStruct(olds));
      return checked(await call<pb.CheckResponse>((done) => rpc.check(request, done)));
    },
    diff: async (id, old, news) => {
      const request = new pb.DiffRequest().setId(id).setUrn(urn).setType(token).setName(name);
      request.setOldInputs(toStruct(old.inputs)).setOlds(toStruct(old.outputs)).setNews(toStruct(news));
      return diffed(await call<pb.DiffResponse>((done) => rpc.diff(request, done)));
    },
    create: async (inputs, preview = false) => {
      const request = new pb.CreateRequest().setUrn(urn).setType(token).setName(name);
      request.setProperties(toStruct(inputs)).setPreview(preview);
      const answer = await call<pb.CreateResponse>((done) => rpc.create(request, done));
      const { properties, secretKeys } = fromStruct(answer.getProperties());
      return { id: answer.getId(), outputs: properties, secretKeys };
    },
    read: async (id, known) => {
      const request = new pb.ReadRequest().setId(id).setUrn(urn).setType(token).setName(name);
      if (known) request.setInputs(toStruct(known.inputs)).setProperties(toStruct(known.outputs));
      const answer = await call<pb.ReadResponse>((done) => rpc.read(request, done));
      if (answer.getId() === "") return undefined;
      const { properties, secretKeys } = fromStruct(answer.getProperties());
      const inputs = fromStruct(answer.getInputs()).properties;
      return { id: answer.getId(), inputs, outputs: properties, secretKeys };
    },
    update: async (id, old, news, preview = false) => {
      const request = new pb.UpdateRequest().setId(id).setUrn(urn).setType(token).setName(name);
      request.setOldInputs(toStruct(old.inputs)).setOlds(toStruct(old.outputs));
      const answer = await call<pb.UpdateResponse>((done) =>
        rpc.update(request.setNews(toStruct(news)).setPreview(preview), done),
      );
      const { properties, secretKeys } = fromStruct(answer.getProperties());
      return { inputs: news, outputs: properties, secretKeys };
    },
    delete: async (id, known) => {
      const request = new pb.DeleteRequest().setId(id).setUrn(urn).setType(token).setName(name);
      request.setOldInputs(toStruct(known.inputs)).setProperties(toStruct(known.outputs));
      await call<emptyPb.Empty>((done) => rpc.delete(request, done));
    },
    make: async (wanted) => {
      const { inputs, faults } = await client.check(wanted);
      if (faults.length > 0)
        throw new Error(faults.map((fault) => `${fault.property}: ${fault.reason}`).join("\n"));
      const { id, outputs } = await client.create(inputs);
      return { id, inputs, outputs };
    },
  };
  return client;
}

class RecordingEngine extends Engine {
  readonly messages: string[] = [];

  constructor() {
    super(undefined);
  }

  override log(severity: number, _urn: string, message: string): void {
    this.messages.push(`${severity >= 2 ? "warning" : "info"}: ${message}`);
  }
}

function checked(answer: pb.CheckResponse): WithSecrets<{ inputs: Properties; faults: Fault[] }> {
  const { properties, secretKeys } = fromStruct(answer.getInputs());
  const faults = answer
    .getFailuresList()
    .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
  return { inputs: properties, secretKeys, faults };
}

function diffed(answer: pb.DiffResponse): DiffAnswer {
  const kinds = new Map(
    Object.entries(pb.PropertyDiff.Kind).map(([name, kind]) => [kind, name.toLowerCase().replace("_", "-")]),
  );
  const changes: Record<string, string> = {};
  answer.getDetaileddiffMap().forEach((entry: pb.PropertyDiff, path: string) => {
    changes[path] = kinds.get(entry.getKind()) ?? "?";
  });
  return {
    changes,
    replaces: answer.getReplacesList(),
    deleteBeforeReplace: answer.getDeletebeforereplace(),
  };
}

/** A unary call as a promise; a fault rejects with the text that the user would read. */
function call<Response>(
  begin: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    begin((error, response) => {
      if (error) reject(new Error(error.details));
      else resolve(response);
    });
  });
}
