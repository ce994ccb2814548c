import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connectDocker, dockerAddress } from "../../../lib/docker.ts";
import { UserError } from "../../../lib/errors.ts";

describe("a Docker daemon that does not answer", () => {
  const configured = process.env["DOCKER_HOST"];
  let folder = "";
  let server: Server | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "ecosphere-docker-"));
  });
  after(async () => {
    if (configured === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = configured;
    server?.close();
    await rm(folder, { recursive: true });
  });

  const failure = async (address: string): Promise<UserError> => {
    process.env["DOCKER_HOST"] = address;
    const error: unknown = await connectDocker().then(
      () => assert.fail("connected"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UserError);
    assert.equal(error.code, "docker-unreachable");
    assert.ok(error.message.includes(address), error.message);
    return error;
  };

  test("names the missing socket and how to start the daemon", async () => {
    const error = await failure(`unix://${join(folder, "none.sock")}`);
    assert.match(error.message, /no such socket/);
    assert.match(error.hint ?? "", /systemctl start docker/);
  });

  test("tells a stopped daemon from a missing one", async () => {
    const path = join(folder, "plain-file.sock");
    await writeFile(path, "");
    assert.match((await failure(`unix://${path}`)).message, /nothing listens there/);
  });

  test("says so when the connection is closed without an answer", async () => {
    const path = join(folder, "rude.sock");
    const rude = createServer((socket) => socket.once("data", () => socket.destroy()));
    server = rude;
    await new Promise<void>((resolve) => rude.listen(path, resolve));
    assert.match((await failure(`unix://${path}`)).message, /connection was closed/);
  });

  test("refuses an address that is none", async () => {
    await failure("tcp://:::bad");
  });
});

test("DOCKER_HOST wins over the default socket", () => {
  assert.equal(dockerAddress({ DOCKER_HOST: "tcp://10.0.0.1:2375" }), "tcp://10.0.0.1:2375");
  assert.match(dockerAddress({}), /^unix:\/\/.*docker\.sock$/);
});
