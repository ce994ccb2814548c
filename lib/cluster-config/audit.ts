/**
 * What PostgreSQL writes about who did what: log-ins and their ends, definitions and rights (by pgaudit). No statement
 * that failed and no parameter: either may hold what nobody should read in a log.
 */
export const auditParameters = {
  shared_preload_libraries: "pgaudit",
  // Everything that makes, changes or drops an object, and every change of roles and grants.
  "pgaudit.log": "ddl, role",
  "pgaudit.log_parameter": "off",
  // Catalogue queries of every client tool would bury the rest.
  "pgaudit.log_catalog": "off",
  log_connections: "on",
  log_disconnections: "on",
  log_statement: "none",
  // An error is told without the statement, its values included.
  log_min_error_statement: "panic",
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
  // Time, process, who in which database, from where, with what.
  log_line_prefix: "%m [%p] %q%u@%d %h %a ",
} as const;

/** The stack's own libraries beside pgaudit, without which nothing is audited. */
export function withAudit(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const said = parameters["shared_preload_libraries"];
  if (said === undefined) return parameters;
  const others = said.split(",").map((name) => name.trim());
  const libraries = ["pgaudit", ...others.filter((name) => name !== "" && name !== "pgaudit")];
  return { ...parameters, shared_preload_libraries: libraries.join(", ") };
}
