import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CommanderError } from "commander";
import fc from "fast-check";
import { UserError } from "../../../lib/errors.ts";
import { parseStackOutputs } from "../../../lib/stack-outputs.ts";
import { buildProgram } from "../../../scripts/cli.ts";
import { planDrill } from "../../../scripts/drill/drill-options.ts";
import { parseSeedOptions } from "../../../scripts/seed/seed-options.ts";
import { takeStack } from "../../../scripts/stack/arguments.ts";
import { stackFolder } from "../../../scripts/stack/stack-folder.ts";
import { hostileText } from "../../helpers/hostile-text.ts";

const numRuns = 1000;
const number = fc.constantFrom("1", "0", "-1", "1e9", "50", "1000001", "4294967296", "1.5", " 1", "١", "0x1");
const value = fc.oneof(number, hostileText);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

describe("whatever is typed", () => {
  test("a name of a stack is refused, or is one folder of its own", () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        const folder = refusedOr(() => stackFolder(name, "/project", "/project/.ecosphere"));
        if (folder === undefined) return;
        assert.match(folder.path, /^\/project\/\.ecosphere\/stacks\/[^/\0]+$/);
        assert.ok(!["/project/.ecosphere/stacks/.", "/project/.ecosphere/stacks/.."].includes(folder.path));
        assert.match(folder.trackedConfig, /^\/project\/Pulumi\.[\w.-]+\.yaml$/);
      }),
      { numRuns },
    );
  });

  test("the stack is taken out of a line, or the line is refused", () => {
    const word = fc.oneof(fc.constantFrom("--stack", "--stack=a", "-s", "pulumi", "--", "dev"), hostileText);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (line) => {
        const taken = refusedOr(() => takeStack(line));
        if (taken === undefined) return;
        assert.notEqual(taken.stack, "");
        const end = taken.rest.indexOf("--");
        const own = end === -1 ? taken.rest : taken.rest.slice(0, end);
        assert.ok(!own.some((each) => each === "--stack" || each.startsWith("--stack=")));
      }),
      { numRuns },
    );
  });

  test("a command line is refused by name, or its command gets texts", async () => {
    const told: unknown[] = [];
    const flags = fc.constantFrom(
      "--rows",
      "--yes",
      "--json",
      "--seed",
      "--to",
      "-n",
      "--out",
      "--help",
      "-x",
    );
    let reached = 0;
    // One program a case: Commander keeps what it has parsed.
    const line = fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom("up", "seed", "drill", "logs", "psql", "adopt", "bench") },
        { weight: 1, arbitrary: hostileText },
      ),
      fc.array(fc.oneof(flags, value), { maxLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(line, async ([command, rest]) => {
        const program = buildProgram({ stack: "dev", passed: [] }, () => undefined);
        for (const each of [program, ...program.commands]) {
          each.configureOutput({ writeErr: (text) => told.push(text), writeOut: () => undefined });
        }
        for (const each of program.commands) {
          each.action((...args: unknown[]) => {
            reached += 1;
            const [given, said] = [args.slice(0, -2), args.at(-2)];
            assert.ok(typeof said === "object" && said !== null);
            const options: readonly unknown[] = Object.values(said);
            for (const each of [...given, ...options].flatMap(listed)) {
              assert.ok(each === undefined || each === true || typeof each === "string", String(each));
            }
          });
        }
        try {
          await program.parseAsync([command, ...rest], { from: "user" });
        } catch (error) {
          assert.ok(error instanceof CommanderError, String(error));
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(reached > 50, `only ${reached} lines reached their command`);
    assert.ok(told.length > 50);
  });

  test("options of a seed are refused with their names, or are within their bounds", () => {
    const options = fc.record({
      ...{ rows: optional(value), scale: optional(value), seed: optional(value) },
      asOf: optional(fc.oneof(fc.constantFrom("2026-11-22", "2020-01-05", "2024-02-29"), hostileText)),
      ...{ append: optional(fc.boolean()), reset: optional(fc.boolean()), realistic: optional(fc.boolean()) },
    });
    fc.assert(
      fc.property(options, (given) => {
        const parsed = refusedOr(() => parseSeedOptions(given));
        if (parsed === undefined) return;
        const size = parsed.size && ("rows" in parsed.size ? parsed.size.rows : parsed.size.scale);
        for (const each of [size, parsed.seed]) assert.ok(each === undefined || Number.isSafeInteger(each));
        assert.match(parsed.asOf ?? "2026-11-22", /^\d{4}-\d\d-\d\d$/);
      }),
      { numRuns },
    );
  });

  test("options of a drill are refused, or make a plan with an end", () => {
    const name = fc.oneof(fc.constantFrom("kill", "cut", "disk-full", "docker-restart"), hostileText);
    const time = fc.oneof(fc.constantFrom("10m", "6", "99999h", "0s", "1d"), hostileText);
    const options = fc.record({ rounds: value, chaos: time, seed: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 2 }), options, (names, given) => {
        const plan = refusedOr(() => planDrill(names, given, () => 7));
        if (plan === undefined) return;
        assert.ok(plan.faults.length > 0);
        const end = plan.kind === "named" ? plan.rounds : Object.values(plan.until)[0];
        assert.ok(end !== undefined && Number.isSafeInteger(end) && end > 0);
      }),
      { numRuns },
    );
  });

  test("the outputs of a stack are whole, or refused with what is missing", () => {
    const address = fc.record({ host: fc.string(), port: fc.oneof(fc.nat(), fc.string(), fc.double()) });
    const outputs = fc.oneof(
      fc.anything(),
      fc.record({
        rw: fc.oneof(address, fc.anything()),
        instances: fc.anything(),
        credentials: fc.anything(),
      }),
    );
    fc.assert(
      fc.property(outputs, (given) => {
        assert.equal(
          refusedOr(() => parseStackOutputs(given)),
          undefined,
          "nothing of this is a stack",
        );
      }),
      { numRuns },
    );
  });
});

function refusedOr<T>(parser: () => T): T | undefined {
  try {
    return parser();
  } catch (error) {
    assert.ok(error instanceof UserError, error instanceof Error ? error.stack : String(error));
    assert.ok(error.message.length > 10, error.message);
    return undefined;
  }
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
