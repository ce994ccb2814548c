import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { exitWithParent } from "../../provider/host/parent-process.ts";
import { pulumiVersion } from "../versions.ts";
import { languageHost } from "./language-host.ts";

// The engine starts `pulumi-language-nodejs [flags] ENGINE` and reads the port from the first line.
const engineAddress = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("-"))
  .pop();
if (engineAddress === undefined) {
  process.stderr.write("pulumi-language-nodejs is started by Pulumi, with the engine's address.\n");
  process.exit(1);
}

exitWithParent();
const server = new grpc.Server();
server.addService(LanguageRuntimeService, languageHost({ version: pulumiVersion, engineAddress }));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
