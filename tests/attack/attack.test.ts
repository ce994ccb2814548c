import assert from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { after, before, describe, test } from "node:test";
import { withClient } from "../../lib/connection.ts";
import { connectDocker } from "../../lib/docker.ts";
import { Target, attackTests } from "../helpers/attacks/attack.ts";
import { containerAttacks } from "../helpers/attacks/container-attacks.ts";
import { etcdAttacks } from "../helpers/attacks/etcd-attacks.ts";
import { floods, floodSize, measureFlood } from "../helpers/attacks/flood.ts";
import { impostorAttacks } from "../helpers/attacks/impostor-attacks.ts";
import { loginAttacks } from "../helpers/attacks/login-attacks.ts";
import { networkAttacks } from "../helpers/attacks/network-attacks.ts";
import { readableFiles, secretAttacks } from "../helpers/attacks/secret-attacks.ts";
import { sqlAttacks } from "../helpers/attacks/sql-attacks.ts";
import { clientCertificateAttacks, downgradeAttacks } from "../helpers/attacks/tls-attacks.ts";
import { tlsInsideAttacks } from "../helpers/attacks/tls-inside-attacks.ts";
import { TestStack } from "../helpers/ecosphere.ts";
import { outputsOf, primaryOf, succeeds } from "../helpers/stack-probe.ts";

/** The longest that a client may wait while others flood: a busy machine's, not the flood's. */
const patienceMs = 3000;

describe("attacks on a stack", { concurrency: false }, () => {
  const stack = new TestStack();
  let target: Target;
  before(async () => {
    // So that it can be destroyed whole in the end.
    succeeds(await stack.ecosphere("pulumi", "config", "set", "protect", "false"));
    succeeds(await stack.ecosphere("up", "--yes"));
    const outputs = await outputsOf(stack);
    target = new Target(stack, outputs, await primaryOf(outputs));
  });
  after(() => stack[Symbol.asyncDispose]());

  describe("by SQL: to climb to another role", () => {
    attackTests(sqlAttacks.climbs, () => target);
  });
  describe("by SQL: to the server's files and programs", () => {
    attackTests(sqlAttacks.files, () => target);
  });
  describe("by SQL: to run code of one's own", () => {
    attackTests(sqlAttacks.code, () => target);
  });
  describe("by SQL: on the server itself", () => {
    attackTests(sqlAttacks.server, () => target);
  });
  describe("by SQL: on rows and tables", () => {
    attackTests(sqlAttacks.rows, () => target);
  });
  describe("by logging in", () => {
    attackTests(loginAttacks, () => target);
  });
  describe("from inside a container", () => {
    attackTests(containerAttacks, () => target);
  });
  describe("on etcd", () => {
    attackTests(etcdAttacks, () => target);
  });
  describe("by TLS: older versions, and none", () => {
    attackTests(downgradeAttacks, () => target);
  });
  describe("by TLS: with another's certificate", () => {
    attackTests(clientCertificateAttacks, () => target);
  });
  describe("by TLS: on the ports between the parts", () => {
    attackTests(tlsInsideAttacks, () => target);
  });
  describe("by TLS: in the server's place", () => {
    attackTests(impostorAttacks, () => target);
  });
  describe("on secrets", () => {
    attackTests(secretAttacks, () => target);

    test("reading another session's statement fails, because pg_stat_activity shows one's own alone", async () => {
      await withClient(target.connection("seeder"), "victim", async (client) => {
        await client.query("SELECT 'word-of-the-victim'");
        const look = "SELECT query FROM pg_stat_activity WHERE application_name = 'victim'";
        assert.deepEqual(await target.sql("app", look), [{ query: "<insufficient privilege>" }]);
        assert.match(JSON.stringify(await target.sql("monitoring", look)), /word-of-the-victim/);
      });
    });

    test("ending another's session fails, because only its own role and a superuser may", async () => {
      await withClient(target.connection("seeder"), "victim", async (client) => {
        const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        for (const verb of ["terminate", "cancel"]) {
          const call = `SELECT pg_${verb}_backend(${rows[0]?.pid ?? 0})`;
          for (const who of ["app", "monitoring"] as const) {
            await assert.rejects(target.sql(who, call), { code: "42501" });
          }
        }
        await client.query("SELECT 1");
        await assert.rejects(
          target
            .superuser(`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0})`)
            .then(() => client.query("SELECT 1")),
        );
      });
    });

    test("reading the passphrase as another user of the host fails, because of its mode", () => {
      assert.deepEqual(readableFiles(target), []);
    });
  });

  describe("by the network", () => {
    attackTests(networkAttacks, () => target);

    test("etcd, Patroni, HAProxy's control and health ports cannot be reached, because they are not published", async () => {
      const docker = await connectDocker();
      const filters = JSON.stringify({ label: [`ecosphere.stack=${stack.name}`] });
      const published: string[] = [];
      for (const { Ports, Labels } of await docker.listContainers({ filters })) {
        for (const { IP, PrivatePort, PublicPort } of Ports) {
          if (PublicPort) published.push(`${Labels["ecosphere.part"] ?? ""} ${PrivatePort} on ${IP}`);
        }
      }
      const proxies = ["proxy-1", "proxy-2"].flatMap((part) =>
        [6432, 6433, 6434].map((port) => `${part} ${port}`),
      );
      const expected = [...proxies, "pg-1 5432", "pg-2 5432", "pg-3 5432"].map(
        (each) => `${each} on 127.0.0.1`,
      );
      assert.deepEqual(published.sort(), expected.sort());
    });

    test("the endpoints cannot be reached by another address of this host, because they are bound to 127.0.0.1", async (context) => {
      const address = Object.values(networkInterfaces())
        .flat()
        .find((each) => each?.family === "IPv4" && !each.internal)?.address;
      if (address === undefined) {
        context.skip("this host has no other address");
        return;
      }
      const { rw, ro, admin, instances } = target.outputs;
      for (const { port } of [rw, ro, admin, ...instances]) {
        assert.equal(await answers("127.0.0.1", port), true);
        assert.equal(await answers(address, port), false, `${address}:${port}`);
      }
    });

    for (const endpoint of ["rw", "ro", "admin"] as const) {
      for (const [what, { sends, why }] of Object.entries(floods)) {
        test(`${floodSize} ${what} on ${endpoint} keep nobody out, because ${why}`, async () => {
          const others = (["rw", "ro"] as const).map((where) => () => {
            const connection = target.connection(where === "rw" ? "app" : "reporting", where);
            return withClient(connection, "other", (client) =>
              client.query("SELECT count(*) FROM shop.users"),
            );
          });
          const { slowestMs, opened } = await measureFlood(target.outputs[endpoint], sends, others);
          assert.ok(opened > 50, `the flood itself has ${opened} connections`);
          assert.ok(slowestMs < patienceMs, `another client waited ${Math.round(slowestMs)} ms`);
        });
      }
    }

    test("after all floods every check passes", async () => {
      succeeds(await stack.ecosphere("check"));
    });
  });
});

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (does: boolean) => (): void => {
      socket.destroy();
      resolve(does);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
