import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../../lib/paths.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { createProvider } from "../../../provider/pgddl/provider.ts";
import { readmeBlocks, readmeProgram } from "../../helpers/provider-readme.ts";
import { recordResources } from "../../helpers/pulumi-mocks.ts";

describe("the examples of the provider's README", () => {
  let folder = "";
  let file = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ecosphere-readme-"));
    file = join(folder, "index.ts");
    mkdirSync(join(folder, "node_modules"));
    for (const name of ["@pulumi", "@types"]) {
      symlinkSync(join(projectRoot, "node_modules", name), join(folder, "node_modules", name));
    }
    symlinkSync(join(projectRoot, "provider"), join(folder, "node_modules", "pgddl"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
    writeFileSync(file, readmeProgram());
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test("have the types of the package", () => {
    const options: ts.CompilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
      ...{ exactOptionalPropertyTypes: true, target: ts.ScriptTarget.ESNext, types: ["node"] },
      ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    };
    const program = ts.createProgram([file], options);
    const source = program.getSourceFile(file);
    const faults = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    const texts = faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    assert.deepEqual(texts, []);
  });

  test("show every type of resource, and each passes its check", async () => {
    const values = { host: "db", port: "5432", database: "shop", username: "ddl", password: "secret" };
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(values).map(([key, value]) => [`ecosphere:${key}`, value])),
    );
    const recording = recordResources("readme");
    await import(pathToFileURL(file).href);
    await pulumi.runtime.disconnect();
    const provider = createProvider();
    const nobody = {
      ...{ urn: "", signal: new AbortController().signal, timeoutMs: 0 },
      ...{ warn: () => undefined, info: () => undefined },
    };
    for (const [token, resource] of provider.resources) {
      const examples = recording.ofType(token);
      assert.notEqual(examples.length, 0, `an example of ${token}`);
      for (const { name, inputs } of examples) {
        const plain = toProperties(inputs);
        assert.deepEqual((await resource.check(plain, nobody)).faults, [], name);
      }
    }
  });

  test("of files parse, and name the package and its folder as they are", () => {
    const [manifest] = readmeBlocks("json");
    const { name } = z.object({ name: z.string() }).parse(parse(manifestText()));
    assert.ok(manifest?.includes(`"${name}": "file:../ecosphere/provider"`));
    JSON.parse(manifest ?? "");
    const plugin = z.object({ name: z.string(), path: z.string() });
    const { plugins } = z
      .object({ plugins: z.object({ providers: z.array(plugin) }) })
      .parse(parse(readmeBlocks("yaml")[0] ?? ""));
    assert.deepEqual(plugins.providers, [{ name: "pgddl", path: "../ecosphere/provider/pgddl" }]);
  });
});

function manifestText(): string {
  return ts.sys.readFile(join(projectRoot, "provider", "package.json")) ?? "";
}
