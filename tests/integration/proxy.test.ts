import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { haproxyFile, renderHaproxyConfig } from "../../lib/cluster-config/haproxy.ts";
import {
  pgbouncerFile,
  renderPgbouncerConfig,
  renderUserlist,
  userlistFile,
} from "../../lib/cluster-config/pgbouncer.ts";
import {
  configFolder,
  patroniPort,
  postgresPort,
  proxyPorts,
  routerControlPort,
} from "../../lib/cluster-config/topology.ts";
import { imageName } from "../../lib/images.ts";
import { eventually } from "../../lib/poll.ts";
import { runCommand } from "../helpers/ecosphere.ts";
import { ensureImage, publishedPort, testLabel } from "../helpers/postgres-server.ts";
import { succeeds } from "../helpers/stack-probe.ts";
import { within } from "../helpers/timeouts.ts";

/** Answers as Patroni of a primary does, and greets whoever connects to PostgreSQL's port. */
const primary = `
import http.server, socketserver, threading
class Patroni(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/primary" else 503)
        self.end_headers()
        self.wfile.write(b'{"role": "primary"}')
    do_OPTIONS = do_GET
class Greeter(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"hello")
        self.request.recv(1)
greeter = socketserver.ThreadingTCPServer(("", ${postgresPort}), Greeter)
threading.Thread(target=greeter.serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("", ${patroniPort}), Patroni).serve_forever()
`;

describe("a proxy", { concurrency: false }, () => {
  const name = `ecosphere-test-proxy-${randomBytes(5).toString("hex")}`;
  const instance = `${name}-pg-1`;
  let port = 0;

  before(async () => {
    await ensureImage();
    await docker("network", "create", "--label", testLabel, name);
    const common = ["--detach", "--label", testLabel, "--network", name];
    await docker(
      "run",
      ...common,
      "--name",
      instance,
      "--network-alias",
      "pg-1",
      imageName("postgres"),
      "python3",
      "-c",
      primary,
    );
    await docker(
      ...["run", ...common, "--name", name, "--publish", `127.0.0.1:0:${proxyPorts.admin}`],
      ...["--tmpfs", "/tmp", "--tmpfs", `${configFolder}:uid=999,gid=999`, imageName("postgres")],
      ...["bash", "-c", `until [ -e ${configFolder}/ready ]; do sleep 0.05; done; exec start-proxy`],
    );
    await write(haproxyFile, renderHaproxyConfig());
    for (const endpoint of ["rw", "ro"] as const) {
      await write(pgbouncerFile(endpoint), renderPgbouncerConfig(endpoint));
    }
    await write(userlistFile, renderUserlist());
    await write("ready", "");
    port = await publishedPort(name, proxyPorts.admin);
    await eventually(
      { what: "the way to the primary", withinMs: within.clusterRecovered },
      async (observe) => {
        const heard = await greeting(port);
        observe(heard);
        return heard === "hello" ? true : undefined;
      },
    );
  });
  after(async () => {
    // Whatever of it was made.
    await runCommand(["docker", "rm", "--force", "--volumes", name, instance]);
    await runCommand(["docker", "network", "rm", name]);
  });

  test("leads to the primary all the time while it reads its files again, and no name server answers", async () => {
    // Nobody listens there.
    await write(haproxyFile, renderHaproxyConfig().replace("127.0.0.11:53", "127.0.0.1:9"));
    const former = await workerOf(name);
    await docker("kill", "--signal", "HUP", name);
    const heard = new Map<string, number>();
    const hear = async (): Promise<void> => {
      const said = await greeting(port);
      heard.set(said, (heard.get(said) ?? 0) + 1);
    };
    await eventually(
      { what: "HAProxy's new process", withinMs: within.clusterRecovered, everyMs: 5 },
      async (observe) => {
        await hear();
        const worker = await workerOf(name);
        observe(worker);
        return worker !== former ? true : undefined;
      },
    );
    // By the new one, before and after its first checks.
    const end = Date.now() + 2000;
    while (Date.now() < end) await hear();
    assert.deepEqual([...heard.keys()], ["hello"]);
  });

  async function write(file: string, content: string): Promise<void> {
    await docker("exec", name, "bash", "-c", `printf %s "$1" >${configFolder}/${file}`, "bash", content);
  }
});

/** The process id of HAProxy that takes connections. */
async function workerOf(container: string): Promise<string> {
  const ask = `exec 3<>/dev/tcp/127.0.0.1/${routerControlPort} && echo 'show info' >&3 && grep -m1 ^Pid: <&3`;
  return docker("exec", container, "bash", "-c", ask);
}

async function docker(...args: readonly string[]): Promise<string> {
  const run = await runCommand(["docker", ...args]);
  succeeds(run);
  return run.stdout;
}

/** What a connection to the port hears first; empty when it is closed without a word. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let heard = "";
    socket.setTimeout(5000, () => socket.destroy(new Error("silent")));
    socket.on("data", (data) => {
      heard += data.toString();
      socket.end();
    });
    socket.on("error", ({ message }) => {
      heard = message;
    });
    socket.on("close", () => {
      resolve(heard);
    });
  });
}
