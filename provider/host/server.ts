import * as grpc from "@grpc/grpc-js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import anyPb from "google-protobuf/google/protobuf/any_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type structPb from "google-protobuf/google/protobuf/struct_pb.js";
import type { Fault } from "../../lib/errors.ts";
import { messageOf, UserError } from "../../lib/errors.ts";
import { type Context, type Diff, type Known, type Provider, type Resource, Unfinished } from "./provider.ts";
import { exitWithParent } from "./parent-process.ts";
import { fromStruct, hasUnknown, isSame, toStruct } from "./values.ts";

/** Messages with a big schema or a big configuration file inside; gRPC's own limit is 4 MiB. */
const maxMessageBytes = 64 * 1024 * 1024;

/**
 * Serves `provider` to the Pulumi engine: binds a free port on 127.0.0.1 and prints it, which is how the
 * engine finds a plugin. The engine's own address is the first argument that is no flag.
 */
export async function serve(provider: Provider): Promise<void> {
  exitWithParent();
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const server = new grpc.Server({ "grpc.max_receive_message_length": maxMessageBytes });
  server.addService(ResourceProviderService, implement(provider, new Engine(engineAddress)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  process.stdout.write(`${port}\n`);
}

/** The gRPC methods over `provider`; exported for tests, which call them over a real channel. */
export function implement(provider: Provider, engine: Engine): grpc.UntypedServiceImplementation {
  const cancelled = new AbortController();
  let configured: Promise<void> | undefined;

  const resourceOf = (urn: string, type: string): Resource => {
    const token = type || (urn.split("::")[2]?.split("$").pop() ?? "");
    const resource = provider.resources.get(token);
    if (!resource) throw provider.unsupported(token);
    return resource;
  };
  const contextOf = (urn: string, timeoutSeconds = 0): Context => ({
    urn,
    signal: cancelled.signal,
    timeoutMs: timeoutSeconds * 1000,
    warn: (message) => {
      engine.log(enginePb.LogSeverity.WARNING, urn, message);
    },
    info: (message) => {
      engine.log(enginePb.LogSeverity.INFO, urn, message);
    },
  });
  const ready = async (): Promise<void> => {
    if (!configured) throw new Error(`the ${provider.name} provider was called before it was configured`);
    await configured;
  };
  const known = (inputs?: structPb.Struct, outputs?: structPb.Struct): Known => ({
    inputs: fromStruct(inputs).properties,
    outputs: fromStruct(outputs).properties,
  });

  return fillIn({
    handshake: unary(() =>
      new pb.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setAcceptResources(true)
        .setAcceptOutputs(false),
    ),
    getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion(provider.version)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema(JSON.stringify(provider.schema))),
    attach: unary(() => new emptyPb.Empty()),
    cancel: unary(() => {
      cancelled.abort(new UserError("cancelled", "cancelled by the user"));
      return new emptyPb.Empty();
    }),

    checkConfig: unary((request: pb.CheckRequest) => {
      const { properties, secretKeys } = fromStruct(request.getNews());
      const faults = provider.checkConfig?.(properties) ?? [];
      return new pb.CheckResponse()
        .setInputs(toStruct(properties, union(secretKeys, provider.secretConfig)))
        .setFailuresList(faults.map(checkFailure));
    }),
    // Never `replaces`: the engine would delete every object of the provider in the same breath.
    diffConfig: unary((request: pb.DiffRequest) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds()).properties;
      const same = isSame(olds, fromStruct(request.getNews()).properties);
      return new pb.DiffResponse().setChanges(
        same ? pb.DiffResponse.DiffChanges.DIFF_NONE : pb.DiffResponse.DiffChanges.DIFF_SOME,
      );
    }),
    configure: unary(async (request: pb.ConfigureRequest) => {
      configured = provider.configure(fromStruct(request.getArgs()).properties);
      await configured;
      return new pb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setAcceptresources(true)
        .setSupportspreview(true);
    }),

    check: unary(async (request: pb.CheckRequest) => {
      const resource = resourceOf(request.getUrn(), request.getType());
      const { properties, secretKeys } = fromStruct(request.getNews());
      const checked = await resource.check(properties, contextOf(request.getUrn()));
      return new pb.CheckResponse()
        .setInputs(toStruct(checked.inputs, union(secretKeys, resource.secrets)))
        .setFailuresList(checked.faults.map(checkFailure));
    }),
    diff: unary(async (request: pb.DiffRequest) => {
      await ready();
      const resource = resourceOf(request.getUrn(), request.getType());
      const change = {
        id: request.getId(),
        old: known(request.getOldInputs(), request.getOlds()),
        news: fromStruct(request.getNews()).properties,
      };
      return diffResponse(await resource.diff(change, contextOf(request.getUrn())));
    }),
    create: unary(async (request: pb.CreateRequest) => {
      await ready();
      const resource = resourceOf(request.getUrn(), request.getType());
      const { properties, secretKeys } = fromStruct(request.getProperties());
      const context = contextOf(request.getUrn(), request.getTimeout());
      const created = await resource.create(properties, request.getPreview(), context);
      return new pb.CreateResponse()
        .setId(request.getPreview() && hasUnknown(created.id) ? "" : created.id)
        .setRefreshBeforeUpdate(resource.refreshesBeforeUpdate ?? false)
        .setProperties(toStruct(created.outputs, union(secretKeys, resource.secrets)));
    }),
    read: unary(async (request: pb.ReadRequest) => {
      await ready();
      const resource = resourceOf(request.getUrn(), request.getType());
      const inputs = fromStruct(request.getInputs());
      const outputs = fromStruct(request.getProperties());
      const isImport = Object.keys(outputs.properties).length === 0;
      const state = isImport ? undefined : { inputs: inputs.properties, outputs: outputs.properties };
      const found = await resource.read(
        request.getId(),
        state,
        contextOf(request.getUrn(), request.getTimeout()),
      );
      const response = new pb.ReadResponse();
      if (!found) return response;
      return response
        .setId(found.id)
        .setInputs(toStruct(found.inputs, union(inputs.secretKeys, resource.secrets)))
        .setRefreshBeforeUpdate(resource.refreshesBeforeUpdate ?? false)
        .setProperties(toStruct(found.outputs, union(outputs.secretKeys, resource.secrets)));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      await ready();
      const resource = resourceOf(request.getUrn(), request.getType());
      const { properties, secretKeys } = fromStruct(request.getNews());
      const change = {
        id: request.getId(),
        old: known(request.getOldInputs(), request.getOlds()),
        news: properties,
      };
      const context = contextOf(request.getUrn(), request.getTimeout());
      const outputs = await resource.update(change, request.getPreview(), context);
      return new pb.UpdateResponse()
        .setProperties(toStruct(outputs, union(secretKeys, resource.secrets)))
        .setRefreshBeforeUpdate(resource.refreshesBeforeUpdate ?? false);
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      await ready();
      const resource = resourceOf(request.getUrn(), request.getType());
      const state = known(request.getOldInputs(), request.getProperties());
      await resource.delete(request.getId(), state, contextOf(request.getUrn(), request.getTimeout()));
      return new emptyPb.Empty();
    }),
  });
}

/** The engine's log, which is how a provider says anything but yes and no. */
export class Engine {
  readonly #client: EngineClient | undefined;

  constructor(address: string | undefined) {
    this.#client = address ? new EngineClient(address, grpc.credentials.createInsecure()) : undefined;
  }

  log(severity: enginePb.LogSeverity, urn: string, message: string): void {
    const request = new enginePb.LogRequest().setSeverity(severity).setUrn(urn).setMessage(message);
    // A message that does not arrive is no reason to fail the operation it speaks of.
    this.#client?.log(request, () => undefined);
  }
}

function checkFailure(fault: Fault): pb.CheckFailure {
  return new pb.CheckFailure().setProperty(fault.property).setReason(fault.reason);
}

function diffResponse(diff: Diff): pb.DiffResponse {
  const kinds = pb.PropertyDiff.Kind;
  const kindOf = {
    add: [kinds.ADD, kinds.ADD_REPLACE],
    update: [kinds.UPDATE, kinds.UPDATE_REPLACE],
    delete: [kinds.DELETE, kinds.DELETE_REPLACE],
  } as const;
  const replaces = new Set(diff.replaces ?? []);
  const response = new pb.DiffResponse()
    .setChanges(
      diff.changes.size === 0 ? pb.DiffResponse.DiffChanges.DIFF_NONE : pb.DiffResponse.DiffChanges.DIFF_SOME,
    )
    .setReplacesList([...replaces])
    .setDeletebeforereplace(diff.deleteBeforeReplace ?? false)
    .setHasdetaileddiff(true);
  const top = new Set<string>();
  for (const [path, kind] of diff.changes) {
    const property = /^[^.[]+/.exec(path)?.[0] ?? path;
    top.add(property);
    const [plain, replacing] = kindOf[kind];
    const entry = new pb.PropertyDiff().setKind(replaces.has(property) ? replacing : plain);
    response.getDetaileddiffMap().set(path, entry);
  }
  return response.setDiffsList([...top]);
}

function union(a: ReadonlySet<string>, b: readonly string[] = []): ReadonlySet<string> {
  return new Set([...a, ...b]);
}

/** Adapts an async function to gRPC's callback; what it throws becomes the message that the user reads. */
function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          const hint = error instanceof UserError && error.hint ? `\n${error.hint}` : "";
          const status = { code: grpc.status.UNKNOWN, details: messageOf(error) + hint };
          callback(error instanceof Unfinished ? { ...status, metadata: unfinished(error) } : status);
        },
      );
  };
}

/** The details by which the engine knows that the object exists all the same. */
function unfinished(error: Unfinished): grpc.Metadata {
  const detail = new pb.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(error.outputs))
    .setReasonsList([error.message]);
  const packed = new anyPb.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusPb.Status().setCode(grpc.status.UNKNOWN).setMessage(error.message);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return metadata;
}

/** Every method of the service that is not given answers "unimplemented", which the engine understands. */
function fillIn(methods: grpc.UntypedServiceImplementation): grpc.UntypedServiceImplementation {
  const filled: grpc.UntypedServiceImplementation = {};
  for (const [name, definition] of Object.entries(ResourceProviderService)) {
    const unimplemented = { code: grpc.status.UNIMPLEMENTED, details: `${name} is not implemented` };
    filled[name] =
      methods[name] ??
      (isStreaming(definition)
        ? (call: grpc.ServerWritableStream<unknown, unknown>) =>
            call.destroy(new Error(unimplemented.details))
        : (_call: unknown, callback: grpc.sendUnaryData<unknown>) => {
            callback(unimplemented);
          });
  }
  return filled;
}

function isStreaming(definition: unknown): boolean {
  return (
    typeof definition === "object" &&
    definition !== null &&
    "responseStream" in definition &&
    definition.responseStream === true
  );
}
