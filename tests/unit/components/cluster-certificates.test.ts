import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { certificateNames } from "../../../lib/cluster-config/certificates.ts";
import { recordResources, valueOf } from "../../helpers/pulumi-mocks.ts";

const recording = recordResources("prod");
const { ClusterCertificates } = await import("../../../components/cluster-certificates.ts");

test("certificates that were given are files of their parts, the identities secret, and no resource", async () => {
  const certificates = new ClusterCertificates("certificates", {
    authority: "ecosphere-prod",
    authorities: [1],
    parts: [{ name: "pg-1", ...certificateNames("pg-1", "127.0.0.1") }],
    given: { ca: "authority\n", identities: new Map([["pg-1", "certificate and key\n"]]), warnings: [] },
  });
  assert.equal(await valueOf(certificates.ca), "authority\n");
  const [ca, identity] = certificates.filesOf("pg-1", { ca: "SIGHUP", identity: "SIGUSR1" });
  assert.deepEqual([ca?.path, ca?.reloadSignal], ["ca.pem", "SIGHUP"]);
  assert.deepEqual([identity?.path, identity?.reloadSignal], ["tls.pem", "SIGUSR1"]);
  const content = pulumi.output(identity?.content);
  assert.equal(await valueOf(content), "certificate and key\n");
  assert.equal(await pulumi.isSecret(content), true);
  assert.deepEqual(
    recording.resources.map(({ type }) => type),
    ["ecosphere:cluster:Certificates"],
  );
});
