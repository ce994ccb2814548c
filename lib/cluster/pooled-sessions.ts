import { Client } from "pg";
import { clientConfig, withClient, type Connection } from "../connection.ts";
import { messageOf } from "../errors.ts";
import { eventually } from "../poll.ts";

const applicationName = "ecosphere-passwords";
const answerWithinMs = 5000;
const learnWithinMs = 5000;

/** A login by one pooler, with the password that it has and the one that it is about to get. */
export interface PooledLogin {
  readonly connection: Omit<Connection, "password">;
  readonly passwords: readonly [old: string, next: string];
}

/**
 * Transactions that stand open in each pool of logins whose passwords change. PgBouncer opens connections to the server
 * with the keys of the client that has logged in last. Between the change and the first log-in with the new password
 * those are wrong, and a pool that has no connection at all fails its clients at once; in one that has a connection
 * they wait, and it is tried again.
 */
export class PooledSessions implements AsyncDisposable {
  readonly #open: readonly { readonly login: PooledLogin; readonly client: Client }[];

  private constructor(open: readonly { readonly login: PooledLogin; readonly client: Client }[]) {
    this.#open = open;
  }

  /** A pooler that does not answer, or that knows neither password, has no pool that could fail anybody. */
  static async open(logins: readonly PooledLogin[]): Promise<PooledSessions> {
    const opened = await Promise.all(
      logins.map(async (login) => {
        const client = await begin(login);
        return client ? [{ login, client }] : [];
      }),
    );
    return new PooledSessions(opened.flat());
  }

  /** Logs in with the next password by each pooler, which so learns it. Returns what did not work, a line each. */
  async learn(): Promise<readonly string[]> {
    const told = await Promise.all(
      this.#open.map(async ({ login: { connection, passwords } }) => {
        const login = { ...connection, password: passwords[1] };
        try {
          await eventually({ what: "the pooler to know the new password", withinMs: learnWithinMs }, () =>
            withClient(login, applicationName, () => Promise.resolve(true)),
          );
          return [];
        } catch (error) {
          return [`${connection.user} at ${connection.host}:${connection.port}: ${messageOf(error)}`];
        }
      }),
    );
    return told.flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The pooler rolls the transactions back.
    await Promise.all(this.#open.map(({ client }) => client.end().catch(() => undefined)));
  }
}

async function begin({ connection, passwords }: PooledLogin): Promise<Client | undefined> {
  // An update that was cut off may have brought the next one already.
  for (const password of passwords) {
    const config = clientConfig({ ...connection, password }, applicationName, answerWithinMs);
    const client = new Client({ ...config, query_timeout: answerWithinMs });
    client.on("error", () => undefined);
    try {
      await client.connect();
    } catch {
      await client.end().catch(() => undefined);
      continue;
    }
    // Not answered in time, all of the pool's connections are in use: then it has some.
    await client.query("BEGIN").catch(() => undefined);
    return client;
  }
  return undefined;
}
