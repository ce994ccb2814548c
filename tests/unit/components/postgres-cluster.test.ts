import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { z } from "zod";
import { clusterSettings } from "../../../lib/cluster-config/patroni.ts";
import { parseSettings } from "../../../lib/settings.ts";
import { recordResources, valueOf, registeredOutputs } from "../../helpers/pulumi-mocks.ts";

const recording = recordResources("prod", {
  "docker:index/remoteImage:RemoteImage": (name) => ({ imageId: `sha256:${name}` }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `secret of ${name}` }),
  "tls:index/privateKey:PrivateKey": (name) => ({ privateKeyPem: `secret of ${name}` }),
  "tls:index/selfSignedCert:SelfSignedCert": (name) => ({ certPem: `certificate of ${name}\n` }),
  "tls:index/certRequest:CertRequest": (name) => ({ certRequestPem: `request of ${name}` }),
  "tls:index/locallySignedCert:LocallySignedCert": (name) => ({ certPem: `certificate of ${name}\n` }),
  "ecosphere:index:Gate": () => ({ port: 6434 }),
});
const { PostgresCluster } = await import("../../../components/postgres-cluster.ts");

const attachments = z.array(
  z
    .object({ name: z.string(), aliases: z.array(z.string()) })
    .transform(({ name, aliases }) => ({ network: name, aliases })),
);

const settings = parseSettings(new Map([["replicas", "1"]]), "prod");
const cluster = new PostgresCluster("cluster", { stack: "prod", settings });

describe("a cluster with one replica", () => {
  before(async () => {
    // The gate depends on every container; when it is there, all else is recorded.
    await valueOf(cluster.gate.urn);
    await valueOf(cluster.urn);
  });

  test("has three etcd members, two instances, two proxies and the sentinel, named after the stack", () => {
    assert.deepEqual(
      recording.ofType("docker:index/container:Container").map(({ inputs }) => inputs["name"]),
      [
        "ecosphere-prod-etcd-1",
        "ecosphere-prod-etcd-2",
        "ecosphere-prod-etcd-3",
        "ecosphere-prod-pg-1",
        "ecosphere-prod-pg-2",
        "ecosphere-prod-proxy-1",
        "ecosphere-prod-proxy-2",
        "ecosphere-prod-sentinel",
      ],
    );
  });

  test("declares an instance's container exactly", () => {
    const { spec } = recording.named("cluster-pg-2-turn").inputs;
    assert.match(String(spec), /^[0-9a-f]{16}$/);
    assert.deepEqual(recording.named("cluster-pg-2-container").inputs, {
      name: "ecosphere-prod-pg-2",
      image: "sha256:cluster-images-postgres",
      labels: [
        { label: "ecosphere.part", value: "pg-2" },
        { label: "ecosphere.stack", value: "prod" },
        { label: "ecosphere.spec", value: spec },
      ],
      networksAdvanced: [
        { name: "ecosphere-prod-instances", aliases: ["pg-2"] },
        { name: "ecosphere-prod-etcd", aliases: [] },
      ],
      ...{ memory: 2048, memorySwap: 2048, cpuShares: 1024, shmSize: 1024 },
      dnsOpts: ["timeout:1", "attempts:1"],
      ports: [{ external: 6442, internal: 5432, ip: "127.0.0.1" }],
      volumes: [
        { volumeName: "ecosphere-prod-pg-2-config", containerPath: "/etc/ecosphere" },
        { volumeName: "ecosphere-prod-pg-2-data", containerPath: "/data/postgres" },
      ],
      restart: "always",
      readOnly: true,
      tmpfs: { "/tmp": "uid=999,gid=999,mode=700", "/run/postgresql": "uid=999,gid=999,mode=700" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      healthcheck: {
        tests: ["CMD", "http-health", "8008", "/health", "tls"],
        interval: "20s",
        timeout: "5s",
        retries: 3,
      },
      stopSignal: "SIGTERM",
      stopTimeout: 60,
      destroyGraceSeconds: 60,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "20" },
    });
  });

  test("publishes rw, ro and admin on each proxy, on the loopback address alone", () => {
    assert.deepEqual(recording.named("cluster-proxy-1-container").inputs["ports"], [
      { external: 6432, internal: 6432, ip: "127.0.0.1" },
      { external: 6433, internal: 6433, ip: "127.0.0.1" },
      { external: 6434, internal: 6434, ip: "127.0.0.1" },
    ]);
    assert.deepEqual(recording.named("cluster-proxy-2-container").inputs["ports"], [
      { external: 6435, internal: 6432, ip: "127.0.0.1" },
      { external: 6436, internal: 6433, ip: "127.0.0.1" },
      { external: 6437, internal: 6434, ip: "127.0.0.1" },
    ]);
  });

  test("passes no secret by environment, argument or upload, but as files of the container's own user", () => {
    for (const { inputs } of recording.ofType("docker:index/container:Container")) {
      for (const key of ["envs", "command", "entrypoints", "uploads"]) assert.equal(inputs[key], undefined);
      assert.doesNotMatch(JSON.stringify(inputs), /secret of/);
    }
    const file = recording.named("cluster-pg-1-patroni.yml").inputs;
    assert.equal(file["volume"], "ecosphere-prod-pg-1-config");
    assert.equal(file["uid"], 999);
    assert.equal(file["reloadSignal"], "SIGHUP");
  });

  test("gives passwords of the database to none of its parts; the admin's is set once there is a primary", () => {
    for (const { name, inputs } of recording.ofType("ecosphere:index:VolumeFile")) {
      assert.doesNotMatch(JSON.stringify(inputs["content"]), /secret of (?!cluster-etcd-).*password/, name);
    }
    const { inputs } = recording.named("cluster-admin-passwords");
    assert.deepEqual(inputs["versions"], { ecosphere_admin: 1 });
    assert.match(JSON.stringify(inputs["passwords"]), /"ecosphere_admin":"secret of cluster-admin-password"/);
  });

  test("has a certificate for each part that asks or answers, of 90 days, renewed in the last third", () => {
    const certificates = recording
      .ofType("tls:index/locallySignedCert:LocallySignedCert")
      .filter(({ name }) => name.startsWith("cluster-certificates-"));
    assert.deepEqual(
      certificates.map(({ name }) => name),
      ["pg-1", "pg-2", "proxy-1", "proxy-2", "sentinel"].map((part) => `cluster-certificates-${part}`),
    );
    for (const { inputs } of certificates) {
      assert.deepEqual([inputs["validityPeriodHours"], inputs["earlyRenewalHours"]], [90 * 24, 30 * 24]);
      assert.equal(inputs["caCertPem"], "certificate of cluster-certificates-authority\n");
    }
    const { inputs } = recording.named("cluster-certificates-pg-2-request");
    assert.deepEqual(inputs["dnsNames"], ["pg-2", "localhost"]);
    assert.deepEqual(inputs["ipAddresses"], ["127.0.0.1"]);
    const file = recording.named("cluster-pg-2-tls.pem").inputs;
    assert.match(
      JSON.stringify(file["content"]),
      /certificate of cluster-certificates-pg-2\\nsecret of cluster-certificates-pg-2-key/,
    );
  });

  test("gives etcd's certificates to its members and clients alone, by an authority of their own", () => {
    const certificates = recording
      .ofType("tls:index/locallySignedCert:LocallySignedCert")
      .filter(({ name }) => name.startsWith("cluster-etcd-"));
    assert.deepEqual(
      certificates.map(({ name }) => name),
      ["etcd-1", "etcd-2", "etcd-3", "pg-1", "pg-2", "root", "sentinel"].map(
        (part) => `cluster-etcd-certificates-${part}`,
      ),
    );
    for (const { inputs } of certificates) {
      assert.equal(inputs["caCertPem"], "certificate of cluster-etcd-certificates-authority\n");
    }
    const files = recording.ofType("ecosphere:index:VolumeFile");
    const withFile = (path: string): readonly string[] =>
      files.filter(({ inputs }) => inputs["path"] === path).map(({ inputs }) => String(inputs["volume"]));
    assert.deepEqual(
      withFile("etcd.pem"),
      ["pg-1", "pg-2", "sentinel"].map((part) => `ecosphere-prod-${part}-config`),
    );
    for (const path of ["root.pem", "tokens.pem"]) {
      assert.deepEqual(
        withFile(path),
        ["etcd-1", "etcd-2", "etcd-3"].map((part) => `ecosphere-prod-${part}-config`),
      );
    }
    const { content } = recording.named("cluster-pg-2-etcd.pem").inputs;
    assert.match(
      JSON.stringify(content),
      /certificate of cluster-etcd-certificates-pg-2\\nsecret of .*certificate of cluster-etcd-certificates-authority\\n/,
    );
  });

  test("has etcd ask for users as soon as everybody who asks it has a password, and the gate waits for that", () => {
    const { users, containers } = recording.named("cluster-etcd-users").inputs;
    assert.equal(recording.ofType("ecosphere:index:EtcdUsers").length, 1);
    assert.match(
      JSON.stringify(users),
      /"name":"patroni","password":"secret of cluster-etcd-patroni-password"/,
    );
    assert.match(
      JSON.stringify(users),
      /"name":"sentinel","password":"secret of cluster-etcd-sentinel-password"/,
    );
    assert.equal(Array.isArray(containers) && containers.length, 3);
  });

  test("gives Docker's socket to the sentinel alone, which publishes no port", () => {
    for (const { name, inputs } of recording.ofType("docker:index/container:Container")) {
      const hasSocket = JSON.stringify(inputs["volumes"]).includes("docker.sock");
      assert.equal(hasSocket, name === "cluster-sentinel-container", name);
    }
    const { inputs } = recording.named("cluster-sentinel-container");
    assert.deepEqual(inputs["ports"], []);
    assert.deepEqual(inputs["capabilities"], { drops: ["ALL"] });
  });

  test("keeps etcd off the proxies' networks, and the clients' network to the proxies", () => {
    const members = new Map<string, string[]>();
    for (const { name, inputs } of recording.ofType("docker:index/container:Container")) {
      const part = name.replace(/^cluster-(.*)-container$/, "$1");
      for (const { network, aliases } of attachments.parse(inputs["networksAdvanced"])) {
        // In one network by its name, in others by none.
        const known = aliases.map((alias) => ` as ${alias}`).join("");
        members.set(network, [...(members.get(network) ?? []), `${part}${known}`]);
      }
      assert.equal(inputs["networkMode"], undefined);
    }
    assert.deepEqual(Object.fromEntries(members), {
      "ecosphere-prod-clients": ["proxy-1 as proxy-1", "proxy-2 as proxy-2"],
      "ecosphere-prod-etcd": [
        ...["etcd-1 as etcd-1", "etcd-2 as etcd-2", "etcd-3 as etcd-3"],
        ...["pg-1", "pg-2", "sentinel"],
      ],
      "ecosphere-prod-instances": [
        ...["pg-1 as pg-1", "pg-2 as pg-2", "proxy-1", "proxy-2", "sentinel as sentinel"],
      ],
    });
    assert.deepEqual(
      recording
        .ofType("docker:index/network:Network")
        .map(({ inputs }) => [inputs["name"], inputs["internal"]])
        .sort(),
      [
        ["ecosphere-prod-clients", false],
        ["ecosphere-prod-etcd", true],
        ["ecosphere-prod-instances", false],
      ],
    );
  });

  test("limits memory, swap, processors and /dev/shm of every container", () => {
    const limits = (part: string): unknown[] => {
      const { inputs } = recording.named(`cluster-${part}-container`);
      return ["memory", "memorySwap", "cpuShares", "shmSize"].map((key) => inputs[key]);
    };
    assert.deepEqual(limits("pg-1"), [2048, 2048, 1024, 1024]);
    assert.deepEqual(limits("etcd-1"), [512, 512, 2048, 64]);
    assert.deepEqual(limits("proxy-2"), [256, 256, 1024, 64]);
    assert.deepEqual(limits("sentinel"), [256, 256, 2048, 64]);
  });

  test("waits, at its gate, for all seven containers and one replica", () => {
    const gate = recording.named("cluster-gate").inputs;
    assert.deepEqual(gate["containers"], [
      "cluster-etcd-1-container-id",
      "cluster-etcd-2-container-id",
      "cluster-etcd-3-container-id",
      "cluster-pg-1-container-id",
      "cluster-pg-2-container-id",
      "cluster-proxy-1-container-id",
      "cluster-proxy-2-container-id",
    ]);
    assert.equal(gate["replicas"], 1);
    assert.deepEqual(gate["adminPorts"], [6434, 6437]);
  });

  test("puts each container between its turn and the wait for its return", () => {
    const { inputs: turn } = recording.named("cluster-pg-2-turn");
    assert.deepEqual(
      { ...turn, spec: "" },
      { stack: "prod", part: "pg-2", peers: ["pg-1", "pg-2"], before: ["pg-1"], spec: "" },
    );
    const specs = recording.ofType("ecosphere:index:Turn").map(({ inputs }) => inputs["spec"]);
    // Seven parts, each with ports, a name or an image of its own.
    assert.equal(new Set(specs).size, 7);
    assert.deepEqual(recording.named("cluster-pg-2-joined").inputs, {
      ...{ stack: "prod", part: "pg-2", peers: ["pg-1", "pg-2"] },
      container: "cluster-pg-2-container-id",
    });
  });

  test("brings the settings that the cluster is born with to it later, too", () => {
    const { settings: applied } = recording.named("cluster-settings").inputs;
    const file: unknown = recording.named("cluster-pg-1-patroni.yml").inputs["content"];
    assert.deepEqual(applied, clusterSettings(settings));
    assert.match(JSON.stringify(file), /synchronous_mode: quorum/);
  });

  test("builds the shared base first, then each part's image from the same file", () => {
    const images = recording.ofType("docker:index/remoteImage:RemoteImage");
    assert.deepEqual(
      images.map(({ name }) => name),
      ["base", "etcd", "postgres", "proxy", "sentinel"].map((part) => `cluster-images-${part}`),
    );
    for (const { inputs } of images) assert.equal(inputs["keepLocally"], true);
    const first = recording.resources.find(({ type }) => type === "docker:index/remoteImage:RemoteImage");
    assert.equal(first?.name, "cluster-images-base");
  });

  test("tells its endpoints and instances, without roles", () => {
    const second = { host: "127.0.0.1", port: 6435 };
    assert.deepEqual(cluster.rw, { host: "127.0.0.1", port: 6432, alternatives: [second] });
    assert.deepEqual(cluster.instances, [
      { name: "pg-1", host: "127.0.0.1", port: 6441 },
      { name: "pg-2", host: "127.0.0.1", port: 6442 },
    ]);
  });
});

describe("every component", () => {
  test("is the parent of what it makes, and names it after itself", async () => {
    const urn = await valueOf(cluster.gate.urn);
    assert.match(urn, /::ecosphere:cluster:PostgresCluster\$ecosphere:index:Gate::cluster-gate$/);
    for (const { name } of recording.resources) assert.ok(name.startsWith("cluster"), name);
  });

  test("registers its outputs", async () => {
    assert.deepEqual(await registeredOutputs(cluster), {
      rw: { host: "127.0.0.1", port: 6432, alternatives: [{ host: "127.0.0.1", port: 6435 }] },
      ro: { host: "127.0.0.1", port: 6433, alternatives: [{ host: "127.0.0.1", port: 6436 }] },
      instances: [
        { name: "pg-1", host: "127.0.0.1", port: 6441 },
        { name: "pg-2", host: "127.0.0.1", port: 6442 },
      ],
    });
  });
});
