import * as grpc from "@grpc/grpc-js";
import { EventsService } from "@pulumi/pulumi/proto/events_grpc_pb.js";
import type { EventRequest } from "@pulumi/pulumi/proto/events_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";

/** An event carries a resource's whole state; gRPC's own limit is 4 MiB. */
const maxEventBytes = 64 * 1024 * 1024;

/** A place for Pulumi to send its events to, open until it is disposed of. */
export interface EventStream extends AsyncDisposable {
  /** What `--event-log` takes. */
  readonly address: string;
}

/**
 * Listens on a free port of 127.0.0.1. The log of events could go into a file as well, but the SDK's debug
 * messages in it hold secrets in clear.
 * @param onEvent gets each event as JSON; all have come when Pulumi ends
 */
export async function openEventStream(onEvent: (event: string) => void): Promise<EventStream> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": maxEventBytes });
  server.addService(EventsService, {
    streamEvents: (
      call: grpc.ServerReadableStream<EventRequest, emptyPb.Empty>,
      done: grpc.sendUnaryData<emptyPb.Empty>,
    ) => {
      call.on("data", (request: EventRequest) => {
        onEvent(request.getEvent());
      });
      call.on("end", () => {
        done(null, new emptyPb.Empty());
      });
      // Pulumi was killed: its exit code says so.
      call.on("error", () => undefined);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    address: `tcp://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
