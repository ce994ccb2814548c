import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../../lib/paths.ts";
import {
  checkoutNeed,
  diskUses,
  readableBytes,
  requireSpace,
  type Disk,
  type SpaceNeed,
} from "../../../toolchain/disk-space.ts";

const megabyte = 1024 ** 2;
const needs: readonly SpaceNeed[] = [
  { what: "checkout", path: "/home/shop", bytes: 500 * megabyte },
  { what: "cache", path: "/home/cache", bytes: 100 * megabyte },
  { what: "Docker's data", path: "/docker", bytes: 1024 * megabyte },
];
const disks =
  (home: number, docker: number) =>
  (path: string): Disk =>
    path === "/docker" ? { id: 2, freeBytes: docker * megabyte } : { id: 1, freeBytes: home * megabyte };

test("room is enough when each disk has it for all that is on it", () => {
  requireSpace(needs, disks(600, 1024));
});

test("what is on the same disk adds up", () => {
  assert.throws(
    () => {
      requireSpace(needs, disks(599, 1024));
    },
    {
      code: "disk-full",
      message:
        "only 599 MB are free on the disk of /home/shop (checkout) and /home/cache (cache); 600 MB are needed",
      hint: /^Free some space there.*\n.*ECOSPHERE_CACHE=FOLDER/,
    },
  );
});

test("every full disk is told at once, Docker's with its own way out", () => {
  assert.throws(
    () => {
      requireSpace(needs, disks(0, 1023.9));
    },
    {
      message:
        /^only 0 MB .* 600 MB are needed\nonly 1023 MB .* \/docker \(Docker's data\); 1\.0 GB are needed$/,
      hint: /docker system prune/,
    },
  );
});

test("a folder that is not there yet counts for the disk that it will be on", () => {
  const later: SpaceNeed = {
    what: "cache",
    path: join(projectRoot, "no", "such", "folder"),
    bytes: megabyte,
  };
  const [use, ...others] = diskUses([checkoutNeed, later]);
  assert.deepEqual(others, []);
  assert.deepEqual(use?.needs, [checkoutNeed, later]);
  assert.ok(use.freeBytes > 0);
});

test("room is never told as more than it is", () => {
  assert.equal(readableBytes(1.99 * 1024 ** 3), "1.9 GB");
  assert.equal(readableBytes(1024 ** 3 - 1), "1023 MB");
});
