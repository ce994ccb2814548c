import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDistributions, parseDpkgStatus } from "../../../scripts/sbom/installed.ts";
import { packageUrl, renderSpdx } from "../../../scripts/sbom/spdx.ts";
import { spdxFaults } from "../../helpers/spdx.ts";

const status = `Package: libstdc++6
Status: install ok installed
Architecture: amd64
Source: gcc-14 (14.2.0-19)
Version: 14.2.0-19
Description: GNU Standard C++ Library v3
 Package: not a field

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2025b-4+deb13u1
`;
const packages = [
  ...parseDpkgStatus(status),
  ...parseDistributions('[["PyYAML","6.0.3"],["typing_extensions","4.16.0"]]'),
];
const image = {
  ...{
    name: "ecosphere/postgres",
    tag: "0123456789ab",
    id: `sha256:${"a".repeat(64)}`,
    base: "debian:trixie-slim",
  },
  created: "2026-11-25T09:00:00.123456789Z",
};

describe("the packages of an image", () => {
  test("are those that dpkg says are installed, and the venv's", () => {
    assert.deepEqual(packages, [
      { kind: "deb", name: "libstdc++6", version: "14.2.0-19", architecture: "amd64", source: "gcc-14" },
      { kind: "deb", name: "tzdata", version: "2025b-4+deb13u1", architecture: "all" },
      { kind: "pypi", name: "PyYAML", version: "6.0.3" },
      { kind: "pypi", name: "typing_extensions", version: "4.16.0" },
    ]);
  });

  test("have the URLs by which scanners know them", () => {
    assert.deepEqual(packages.map(packageUrl), [
      "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64&distro=debian-13",
      "pkg:deb/debian/tzdata@2025b-4%2Bdeb13u1?arch=all&distro=debian-13",
      "pkg:pypi/pyyaml@6.0.3",
      "pkg:pypi/typing-extensions@4.16.0",
    ]);
  });
});

describe("the bill of an image", () => {
  test("is SPDX 2.3, and the same each time", () => {
    const bill = renderSpdx(image, packages);
    assert.deepEqual(spdxFaults(bill), []);
    assert.deepEqual(renderSpdx(image, packages), bill);
    assert.match(JSON.stringify(bill), /"created":"2026-11-25T09:00:00Z"/);
  });

  test("of another form is seen to be none", () => {
    const bill = renderSpdx(image, packages);
    assert.notDeepEqual(spdxFaults({ ...bill, spdxVersion: "SPDX-2.2" }), []);
    assert.notDeepEqual(spdxFaults({ ...bill, relationships: [] }), []);
    assert.notDeepEqual(spdxFaults(renderSpdx({ ...image, created: "yesterday" }, packages)), []);
    assert.notDeepEqual(spdxFaults(renderSpdx(image, [...packages, ...packages])), []);
  });
});
