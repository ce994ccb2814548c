import type { EtcdMembers } from "../../lib/cluster/etcd-users.ts";
import type { Executed } from "../../lib/cluster/stack-containers.ts";

interface FakePermission {
  readonly access: string;
  readonly key: string;
  readonly end: string | undefined;
}

/** Members of an etcd in memory: they answer what the scripts of lib/cluster/etcd-users.ts ask by etcdctl. */
export class FakeEtcd implements EtcdMembers {
  isEnabled = false;
  readonly passwords = new Map<string, string>();
  readonly users = new Map<string, string[]>();
  readonly roles = new Map<string, FakePermission[]>();
  /** Every command, in order. */
  readonly log: string[] = [];
  /** All that went by arguments. */
  readonly shown: string[] = [];
  running: string[] = ["etcd-1", "etcd-2", "etcd-3"];
  /** How many commands it carries out until one fails. */
  patience = Number.POSITIVE_INFINITY;

  parts(): readonly string[] {
    return this.running;
  }

  run(_member: string, command: readonly string[], input?: string): Promise<Executed> {
    this.shown.push(command.join(" "));
    if (input === undefined) return Promise.resolve(ended(0, this.#state()));
    const lines = input.split("\n");
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const fault = this.#perform((lines[at + 1] ?? "").split("\t"), lines[at] ?? "");
      if (fault !== undefined) return Promise.resolve(ended(1, "", `Error: etcdserver: ${fault}`));
    }
    return Promise.resolve(ended(0, ""));
  }

  #state(): string {
    const encode = (text: string): string => Buffer.from(text).toString("base64");
    const types: Readonly<Record<string, number>> = { write: 1, readwrite: 2 };
    const lines = [JSON.stringify({ header: {}, ...(this.isEnabled ? { enabled: true } : {}) })];
    for (const [name, roles] of this.users) {
      lines.push("user", name, JSON.stringify(roles.length > 0 ? { roles } : {}));
    }
    for (const [name, permissions] of this.roles) {
      const perm = permissions.map(({ access, key, end }) => ({
        ...(types[access] === undefined ? {} : { permType: types[access] }),
        key: encode(key),
        ...(end === undefined ? {} : { range_end: encode(end) }),
      }));
      lines.push("role", name, JSON.stringify(perm.length > 0 ? { perm } : {}));
    }
    return `${lines.join("\n")}\n`;
  }

  /** Returns why it was not done. */
  #perform(
    [kind = "", verb = "", name = "", ...rest]: readonly string[],
    password: string,
  ): string | undefined {
    if (this.patience-- <= 0) return "request timed out";
    this.log.push([kind, verb, name, ...rest].join(" ").trim());
    const [first = "", key = "", end] = rest;
    switch (`${kind} ${verb}`) {
      case "auth enable":
        if (!this.users.get("root")?.includes("root")) return "root user does not have root role";
        this.isEnabled = true;
        return undefined;
      case "user add":
        if (this.users.has(name)) return "user name already exists";
        this.users.set(name, []);
        if (first !== "--no-password") this.passwords.set(name, password);
        return undefined;
      case "user passwd":
        if (!this.users.has(name)) return "user name not found";
        this.passwords.set(name, password);
        return undefined;
      case "user grant-role":
        if (!this.users.has(name) || !this.roles.has(first)) return "role name not found";
        this.users.get(name)?.push(first);
        return undefined;
      case "user revoke-role":
        this.users.set(name, this.users.get(name)?.filter((role) => role !== first) ?? []);
        return undefined;
      case "user delete":
        return this.users.delete(name) ? undefined : "user name not found";
      case "role add":
        if (this.roles.has(name)) return "role name already exists";
        this.roles.set(name, []);
        return undefined;
      case "role delete":
        return this.roles.delete(name) ? undefined : "role name not found";
      case "role grant-permission":
        this.#revoke(name, key, end);
        this.roles.get(name)?.push({ access: first, key, end });
        return undefined;
      case "role revoke-permission":
        this.#revoke(name, first, key === "" ? undefined : key);
        return undefined;
      default:
        return `unknown command ${kind} ${verb}`;
    }
  }

  #revoke(role: string, key: string, end: string | undefined): void {
    const kept = this.roles.get(role)?.filter((each) => each.key !== key || each.end !== end);
    if (kept) this.roles.set(role, kept);
  }
}

function ended(code: number, stdout: string, stderr = ""): Executed {
  return { code, stdout, stderr };
}
