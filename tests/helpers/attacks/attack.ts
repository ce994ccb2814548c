import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { superuserPsql } from "../../../lib/cluster/superuser-session.ts";
import { withClient, type Connection } from "../../../lib/connection.ts";
import { connectionTo, type LoginName, type StackOutputs } from "../../../lib/stack-outputs.ts";
import { runCommand, type Run, type TestStack } from "../ecosphere.ts";
import { TestAuthority } from "../test-authority.ts";

/** Something that must not work. */
export interface Attack {
  readonly title: string;
  /** Why it must fail: completes "… fails, because …". */
  readonly why: string;
  /** Fails with what stops it. */
  readonly attempt: (target: Target) => Promise<unknown>;
  /** What the failure has to say. Another failure than this one proves nothing. */
  readonly refusal: RegExp;
  /** The same where it is allowed, which shows that the probe itself works. */
  readonly control: (target: Target) => Promise<unknown>;
}

/** The stack's two: etcd's, and that of all others. */
export type AuthorityName = "certificates" | "etcd-certificates";

/** A deployed stack, and how to get at its parts. */
export class Target {
  readonly stack: TestStack;
  readonly outputs: StackOutputs;
  /** The name of the instance that is the primary. */
  readonly primary: string;
  #authorities: Promise<Readonly<Record<AuthorityName, TestAuthority>>> | undefined;

  constructor(stack: TestStack, outputs: StackOutputs, primary: string) {
    this.stack = stack;
    this.outputs = outputs;
    this.primary = primary;
  }

  get replica(): string {
    return this.outputs.instances.find(({ name }) => name !== this.primary)?.name ?? "";
  }

  container(part: string): string {
    return `ecosphere-${this.stack.name}-${part}`;
  }

  connection(
    who: LoginName,
    where: Parameters<typeof connectionTo>[1] = { instance: this.primary },
  ): Connection {
    return connectionTo(this.outputs, where, who);
  }

  /** An authority of the stack, which nobody but its owner has: for certificates that are almost right. */
  async authority(name: AuthorityName = "certificates"): Promise<TestAuthority> {
    this.#authorities ??= authoritiesOf(this.stack);
    return (await this.#authorities)[name];
  }

  /** One statement after the other, over a session of the primary itself, without a pooler. */
  async sql(who: LoginName | Connection, ...statements: readonly string[]): Promise<unknown[]> {
    const connection = typeof who === "string" ? this.connection(who) : who;
    return withClient(connection, "attack", async (client) => {
      let rows: unknown[] = [];
      for (const statement of statements) ({ rows } = await client.query<never>(statement));
      return rows;
    });
  }

  /** As superuser, over the local socket of an instance, in the database of the shop. */
  async superuser(...statements: readonly string[]): Promise<string> {
    const psql = [...superuserPsql, "-A", "-t", "-v", "ON_ERROR_STOP=1"];
    const commands = statements.flatMap((statement) => ["-c", statement]);
    const run = await this.inside(this.primary, undefined, [...psql, "-d", "e-commerce", ...commands]);
    assert.equal(run.code, 0, run.output);
    return run.stdout;
  }

  /** A program in a part's container. @param user a number, or undefined: the container's own */
  inside(part: string, user: number | undefined, command: readonly string[]): Promise<Run> {
    const as = user === undefined ? [] : ["--user", String(user)];
    return runCommand(["docker", "exec", ...as, this.container(part), ...command]);
  }

  /** As `inside`, with a shell. @throws Error with what it printed when it does not end well */
  async shell(part: string, script: string, user?: number): Promise<string> {
    const run = await this.inside(part, user, ["bash", "-c", script]);
    if (run.code !== 0) throw new Error(run.output);
    return run.stdout;
  }
}

async function authoritiesOf(stack: TestStack): Promise<Readonly<Record<AuthorityName, TestAuthority>>> {
  const run = await stack.ecosphere("pulumi", "stack", "export", "--show-secrets");
  const made = z.object({ urn: z.string(), outputs: z.record(z.string(), z.unknown()).optional() });
  const state = z
    .object({ deployment: z.object({ resources: z.array(made) }) })
    .parse(JSON.parse(run.stdout));
  const text = (value: unknown): string => {
    // What is secret is a text in JSON there.
    const shown = z.union([z.string(), z.object({ plaintext: z.string() })]).parse(value);
    return typeof shown === "string" ? shown : z.string().parse(JSON.parse(shown.plaintext));
  };
  const named = (name: AuthorityName): Promise<TestAuthority> => {
    const end = `SelfSignedCert::cluster-${name}-authority`;
    const { outputs } = state.deployment.resources.find(({ urn }) => urn.endsWith(end)) ?? {};
    return TestAuthority.of(text(outputs?.["certPem"]), text(outputs?.["privateKeyPem"]));
  };
  return { certificates: await named("certificates"), "etcd-certificates": await named("etcd-certificates") };
}

/** A test for each: first the control, then the attack. */
export function attackTests(attacks: readonly Attack[], target: () => Target): void {
  for (const { title, why, attempt, refusal, control } of attacks) {
    test(`${title} fails, because ${why}`, async () => {
      await control(target());
      await assert.rejects(attempt(target()), (error) => {
        assert.ok(error instanceof Error);
        const code = "code" in error ? String(error.code) : "";
        assert.match(`${code} ${error.message}`, refusal);
        return true;
      });
    });
  }
}
