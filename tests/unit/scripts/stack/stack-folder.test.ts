import assert from "node:assert/strict";
import { test } from "node:test";
import { stackFolder } from "../../../../scripts/stack/stack-folder.ts";

test("every name that Pulumi takes has a folder of its own, below the state's folder", () => {
  for (const stack of ["dev", "state", "pulumi-home", "build", "a.b-c_d", "-x", "9", "x".repeat(100)]) {
    const folder = stackFolder(stack, "/project", "/project/.ecosphere");
    assert.equal(folder.path, `/project/.ecosphere/stacks/${stack}`);
    assert.equal(folder.trackedConfig, `/project/Pulumi.${stack}.yaml`);
  }
});

test("a name that would lead elsewhere, or that Pulumi refuses, is refused with its value", () => {
  for (const stack of ["", ".", "..", "a/b", "../x", "a b", "ä", "x".repeat(101)]) {
    assert.throws(() => stackFolder(stack), {
      code: "stack-name",
      message: `"${stack}" cannot name a stack`,
    });
  }
});
