import type { LoginName } from "./stack-outputs.ts";

/** Which of its passwords a login has: its first, its second, and on. */
export interface PasswordVersion {
  readonly version: number;
  /** Whether the next one is made already, so that clients can be told of it before it counts. */
  readonly isNextMade: boolean;
}

export type PasswordVersions = Readonly<Record<LoginName, PasswordVersion>>;

export const loginNames: readonly LoginName[] = ["admin", "app", "reporting", "seeder", "monitoring"];

/** That of whoever has never had another. */
export const firstPassword: PasswordVersion = { version: 1, isNextMade: false };

/** Those of a stack whose passwords have never changed. */
export const firstPasswords: PasswordVersions = {
  ...{
    admin: firstPassword,
    app: firstPassword,
    reporting: firstPassword,
    seeder: firstPassword,
    monitoring: firstPassword,
  },
};

/**
 * Reads the key `passwordVersions`, such as `app=2, seeder=3+`: a `+` says that the next one is made already. Undefined
 * when it is none.
 */
export function parsePasswordVersions(text: string): PasswordVersions | undefined {
  const versions: Record<LoginName, PasswordVersion> = { ...firstPasswords };
  const seen = new Set<LoginName>();
  for (const entry of text.trim() === "" ? [] : text.split(",")) {
    const [, name, number, plus] = /^ *([a-z]+)=([1-9]\d{0,3})(\+?) *$/.exec(entry) ?? [];
    const login = loginNames.find((each) => each === name);
    if (login === undefined || seen.has(login)) return undefined;
    seen.add(login);
    versions[login] = { version: Number(number), isNextMade: plus === "+" };
  }
  return versions;
}

/** The same as text; a login that has its first password and no other is left out. */
export function printPasswordVersions(versions: PasswordVersions): string {
  return loginNames
    .filter((login) => versions[login].version > 1 || versions[login].isNextMade)
    .map((login) => `${login}=${versions[login].version}${versions[login].isNextMade ? "+" : ""}`)
    .join(", ");
}

/** The logins whose next password is made and does not count yet. */
export function begunRotations(versions: PasswordVersions): readonly LoginName[] {
  return loginNames.filter((login) => versions[login].isNextMade);
}

/** With the next password of each of `logins` made. */
export function withNextMade(versions: PasswordVersions, logins: readonly LoginName[]): PasswordVersions {
  return withEach(versions, logins, ({ version }) => ({ version, isNextMade: true }));
}

/** With the next password of each of `logins` in place of the one that it has. */
export function withNextInForce(versions: PasswordVersions, logins: readonly LoginName[]): PasswordVersions {
  return withEach(versions, logins, ({ version }) => ({ version: version + 1, isNextMade: false }));
}

function withEach(
  versions: PasswordVersions,
  logins: readonly LoginName[],
  change: (version: PasswordVersion) => PasswordVersion,
): PasswordVersions {
  return logins.reduce((all, login) => ({ ...all, [login]: change(all[login]) }), versions);
}
