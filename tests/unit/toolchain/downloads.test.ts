import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { canDownload, isKnownRefused } from "../../../toolchain/downloads.ts";

const url = "https://downloads.example/install.sh";
const hour = 60 * 60 * 1000;
const configured = process.env["ECOSPHERE_CACHE"];
let cache = "";
let asked = 0;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "ecosphere-downloads-"));
  process.env["ECOSPHERE_CACHE"] = cache;
  asked = 0;
});
afterEach(() => {
  if (configured === undefined) delete process.env["ECOSPHERE_CACHE"];
  else process.env["ECOSPHERE_CACHE"] = configured;
  rmSync(cache, { recursive: true });
});

const answering = (answer: () => Response): typeof fetch => {
  return async () => {
    asked++;
    return answer();
  };
};

test("a host that lets us in can be used, and is asked each time", async () => {
  const fetcher = answering(() => new Response(null, { status: 200 }));
  assert.equal(await canDownload(url, fetcher), true);
  assert.equal(await canDownload(url, fetcher), true);
  assert.equal(asked, 2);
});

test("a refusal holds for the whole host, for some hours, without asking again", async () => {
  const fetcher = answering(() => new Response(null, { status: 403 }));
  assert.equal(await canDownload(url, fetcher), false);
  assert.equal(await canDownload("https://downloads.example/other", fetcher), false);
  assert.equal(asked, 1);
  assert.equal(isKnownRefused(url), true);
  assert.equal(isKnownRefused(url, Date.now() + 24 * hour), false);
  assert.equal(isKnownRefused("https://elsewhere.example/"), false);
});

test("a host that does not answer has refused", async () => {
  const fetcher = answering(() => {
    throw new TypeError("fetch failed");
  });
  assert.equal(await canDownload(url, fetcher), false);
  assert.equal(isKnownRefused(url), true);
});
