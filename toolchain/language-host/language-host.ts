import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { messageOf } from "../../lib/errors.ts";

const requireFrom = createRequire(import.meta.url);

/** The SDK's runner says by this exit code that it has shown the program's error itself. */
const alreadyReported = 32;

/** What the engine has to know of a language host: its own version, and where the engine listens. */
export interface LanguageHostOptions {
  readonly version: string;
  readonly engineAddress: string;
}

/**
 * Pulumi's Node language host over the SDK's own program runner: for a CLI that came without one.
 * It starts no plugin installation: the engine asks for each plugin when the program first needs it.
 */
export function languageHost(options: LanguageHostOptions): grpc.UntypedServiceImplementation {
  const running = new Set<ChildProcess>();
  const methods: grpc.UntypedServiceImplementation = {
    getPluginInfo: (_call: unknown, reply: grpc.sendUnaryData<pluginPb.PluginInfo>) => {
      reply(null, new pluginPb.PluginInfo().setVersion(options.version));
    },
    getRequiredPlugins: (
      _call: unknown,
      reply: grpc.sendUnaryData<languagePb.GetRequiredPluginsResponse>,
    ) => {
      reply(null, new languagePb.GetRequiredPluginsResponse());
    },
    getRequiredPackages: (
      _call: unknown,
      reply: grpc.sendUnaryData<languagePb.GetRequiredPackagesResponse>,
    ) => {
      reply(null, new languagePb.GetRequiredPackagesResponse());
    },
    about: (_call: unknown, reply: grpc.sendUnaryData<languagePb.AboutResponse>) => {
      reply(null, new languagePb.AboutResponse().setExecutable(process.execPath).setVersion(process.version));
    },
    cancel: (_call: unknown, reply: grpc.sendUnaryData<emptyPb.Empty>) => {
      for (const program of running) program.kill("SIGINT");
      reply(null, new emptyPb.Empty());
    },
    run: (
      call: grpc.ServerUnaryCall<languagePb.RunRequest, languagePb.RunResponse>,
      reply: grpc.sendUnaryData<languagePb.RunResponse>,
    ) => {
      const program = startProgram(call.request, options.engineAddress);
      running.add(program);
      program.once("error", (error) => {
        running.delete(program);
        reply(null, new languagePb.RunResponse().setError(messageOf(error)));
      });
      program.once("exit", (code, signal) => {
        if (!running.delete(program)) return;
        reply(null, runResponse(code, signal));
      });
    },
  };
  return withUnimplemented(methods);
}

/** The arguments of the SDK's runner for one run of a program. Exported for its test. */
export function runnerArguments(request: languagePb.RunRequest, engineAddress: string): string[] {
  const info = request.getInfo();
  const entry = info?.getEntryPoint() ?? "";
  const program =
    info && entry !== "" && entry !== "." ? join(info.getProgramDirectory(), entry) : request.getProgram();
  return [
    ...["--monitor", request.getMonitorAddress(), "--engine", engineAddress],
    ...["--project", request.getProject(), "--stack", request.getStack()],
    ...["--organization", request.getOrganization(), "--parallel", String(request.getParallel())],
    ...["--pwd", request.getPwd(), "--root-directory", info?.getRootDirectory() ?? request.getPwd()],
    ...(request.getDryrun() ? ["--dry-run"] : []),
    program,
    ...request.getArgsList(),
  ];
}

function startProgram(request: languagePb.RunRequest, engineAddress: string): ChildProcess {
  const runner = requireFrom.resolve("@pulumi/pulumi/cmd/run");
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    config[key] = value;
  });
  // The SDK notes a stack for every promise that it makes, and the runner maps each frame of it through source
  // maps: with the default of ten, a fifth of a program's time. Three still lead to the line that failed.
  const options = ["--stack-trace-limit=3"];
  return spawn(process.execPath, [...options, runner, ...runnerArguments(request, engineAddress)], {
    cwd: request.getPwd(),
    // What the program prints goes to the engine, which shows it as the program's diagnostics.
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_NODEJS_TYPESCRIPT: "false",
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  });
}

function runResponse(code: number | null, signal: NodeJS.Signals | null): languagePb.RunResponse {
  const response = new languagePb.RunResponse();
  if (code === alreadyReported) return response.setBail(true);
  if (code === 0) return response;
  return response.setError(
    signal ? `the program was ended by ${signal}` : `the program exited with code ${code ?? "unknown"}`,
  );
}

function withUnimplemented(methods: grpc.UntypedServiceImplementation): grpc.UntypedServiceImplementation {
  const filled: grpc.UntypedServiceImplementation = {};
  for (const [name, definition] of Object.entries(LanguageRuntimeService)) {
    const error = {
      code: grpc.status.UNIMPLEMENTED,
      details: `this language host has no ${name}: install Pulumi's release for it`,
    };
    const isStreaming = definition.responseStream;
    filled[name] =
      methods[name] ??
      (isStreaming
        ? (call: grpc.ServerWritableStream<unknown, unknown>) => {
            call.emit("error", error);
          }
        : (_call: unknown, reply: grpc.sendUnaryData<unknown>) => {
            reply(error);
          });
  }
  return filled;
}
