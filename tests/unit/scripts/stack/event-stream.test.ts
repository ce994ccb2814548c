import assert from "node:assert/strict";
import { test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { EventsClient } from "@pulumi/pulumi/proto/events_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/events_pb.js";
import { openEventStream } from "../../../../scripts/stack/event-stream.ts";

test("every event has come when the sender is told that the stream has ended", async () => {
  const came: string[] = [];
  await using stream = await openEventStream((event) => came.push(event));
  const client = new EventsClient(stream.address.replace("tcp://", ""), grpc.credentials.createInsecure());
  const sent = Array.from({ length: 100 }, (_, at) => `event ${at}`);
  // Above what gRPC takes unless it is told.
  sent.push("x".repeat(5 * 1024 * 1024));
  try {
    await new Promise<void>((resolve, reject) => {
      const call = client.streamEvents((error) => {
        if (error) reject(error);
        else resolve();
      });
      for (const event of sent) call.write(new pb.EventRequest().setEvent(event));
      call.end();
    });
  } finally {
    client.close();
  }
  assert.deepEqual(came, sent);
});
