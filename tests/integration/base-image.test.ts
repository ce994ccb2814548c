import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connectDocker } from "../../lib/docker.ts";
import { baseImageStep, digestOf, findBaseImage } from "../../toolchain/base-image.ts";
import { startSmallRegistry, type SmallRegistry } from "../helpers/small-registry.ts";

let registry: SmallRegistry;
let wanted: string;
before(async () => {
  registry = await startSmallRegistry();
  wanted = `${registry.name}:trixie-slim@${registry.digest}`;
});
after(async () => {
  await registry[Symbol.asyncDispose]();
  const docker = await connectDocker();
  await docker
    .getImage(wanted)
    .remove({ force: true })
    .catch(() => undefined);
});

const get = (): Promise<void> =>
  baseImageStep(wanted).get(
    () => undefined,
    () => Promise.resolve(),
  );

test("a base image that is named by its digest is pulled by it, and refused when the registry has another", async () => {
  registry.isForged = true;
  await assert.rejects(get(), { code: "base-image", message: /cannot be pulled: .*(digest|verif)/i });
  assert.equal(await findBaseImage(wanted), undefined);
  // The control: the same registry, honest.
  registry.isForged = false;
  await get();
  assert.equal(await findBaseImage(wanted), wanted);
  assert.equal(await digestOf(wanted), `${registry.name}@${registry.digest}`);
  assert.equal(await baseImageStep(wanted).find(), wanted);
  assert.equal(await digestOf("ecosphere/none:none"), undefined);
});
