/** What the value of the key `parameters` says, and what is wrong with it. */
export interface ParsedParameters {
  readonly values: Readonly<Record<string, string>>;
  /** Complete sentences, one a fault. */
  readonly faults: readonly string[];
}

const fixedAtStart = "the containers and their files fix it";
const replication = "replication, rewinding and failover depend on it";
const encryption = "every part of the stack relies on TLS 1.3";
const durability = "a write that was acknowledged could be lost";
const audit = "the log would hold what nobody should read there, or miss who did what";
const timing = "the detection of lost instances depends on it";

/** Parameters that the cluster itself sets, and why nobody else does. */
const owned: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["listen_addresses", "port", "unix_socket_directories", "data_directory", "config_file", "hba_file"]
      .concat("ident_file", "external_pid_file", "cluster_name", "password_encryption")
      .map((name) => [name, fixedAtStart]),
  ),
  ...Object.fromEntries(
    ["ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl_crl_dir"]
      .concat("ssl_min_protocol_version", "ssl_max_protocol_version")
      .map((name) => [name, encryption]),
  ),
  ...Object.fromEntries(
    ["wal_level", "hot_standby", "hot_standby_feedback", "wal_log_hints", "max_wal_senders"]
      .concat("max_replication_slots", "primary_conninfo", "primary_slot_name", "restore_command")
      .concat("recovery_target_timeline", "wal_retrieve_retry_interval")
      .map((name) => [name, replication]),
  ),
  ...Object.fromEntries(
    ["fsync", "full_page_writes", "synchronous_commit"].map((name) => [name, durability]),
  ),
  ...Object.fromEntries(["wal_sender_timeout", "wal_receiver_timeout"].map((name) => [name, timing])),
  ...Object.fromEntries(
    ["log_connections", "log_disconnections", "log_statement", "log_min_error_statement"]
      .concat("log_parameter_max_length", "log_parameter_max_length_on_error", "log_line_prefix")
      .concat("pgaudit.log", "pgaudit.log_parameter", "logging_collector", "log_destination")
      .map((name) => [name, audit]),
  ),
  synchronous_standby_names: "the key synchronous decides it",
  max_slot_wal_keep_size: "a replica that is lost could fill the disk",
};

/** In postgresql.conf a line break inside quotes is a syntax error, with which no instance starts. */
const unwritable = /\p{Cc}|\p{Cs}/u;

const namePattern = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/;

/**
 * Reads `work_mem=16MB, search_path='a, b'`: names and values, a value with a comma in single quotes. Whether
 * PostgreSQL knows a name and takes its value, only PostgreSQL can say.
 */
export function parseParameters(text: string): ParsedParameters {
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (const entry of splitEntries(text)) {
    const [, rawName = "", rawValue = ""] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(entry) ?? [];
    const name = rawName.toLowerCase();
    const value = unquote(rawValue);
    if (!namePattern.test(name)) {
      faults.push(`${JSON.stringify(entry.trim())} is no NAME=VALUE`);
    } else if (value === undefined) {
      faults.push(`the value of ${name} is not quoted well; a quote within quotes is written twice`);
    } else if (unwritable.test(value)) {
      faults.push(`the value of ${name} holds a line break or another control character`);
    } else if (values.has(name)) {
      faults.push(`${name} stands there twice`);
    } else if (Object.hasOwn(owned, name)) {
      faults.push(`${name} is set by the cluster itself: ${owned[name] ?? ""}`);
    } else {
      values.set(name, value);
    }
  }
  return { values: Object.fromEntries(values), faults };
}

/** At the commas outside of quotes; an empty text has no entry. */
function splitEntries(text: string): readonly string[] {
  if (text.trim() === "") return [];
  return text.match(/(?:'(?:[^']|'')*'|[^,])+/g) ?? [];
}

function unquote(value: string): string | undefined {
  if (/^'(?:[^']|'')*'$/s.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  return value.includes("'") ? undefined : value;
}
