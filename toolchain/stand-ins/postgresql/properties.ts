import type { BridgedType, Property } from "../bridged/property.ts";

const name = (what: string): Property => ({
  type: "string",
  description: `The name of the ${what}.`,
  required: true,
});
const flag = (description: string): Property => ({ type: "boolean", description, default: false });
const limit = (description: string): Property => ({ type: "number", description, default: -1, minimum: -1 });
const milliseconds = (description: string): Property => ({ type: "number", description, minimum: 0 });

export const roleType: BridgedType = {
  token: "postgresql:index/role:Role",
  description: "A role: a user or a group.",
  deleteBeforeReplace: true,
  properties: {
    assumeRole: { type: "string", description: "The role to switch to at log-in." },
    bypassRowLevelSecurity: flag("BYPASSRLS."),
    connectionLimit: limit("CONNECTION LIMIT; -1 is none."),
    createDatabase: flag("CREATEDB."),
    createRole: flag("CREATEROLE."),
    encrypted: { type: "string", description: "Deprecated: encryptedPassword." },
    encryptedPassword: { type: "boolean", description: "The catalogue holds a verifier.", default: true },
    idleInTransactionSessionTimeout: milliseconds("idle_in_transaction_session_timeout in ms; 0 is none."),
    inherit: { type: "boolean", description: "INHERIT.", default: true },
    login: flag("LOGIN."),
    name: name("role"),
    password: { type: "string", description: "PASSWORD.", secret: true },
    passwordWo: { type: "string", description: "PASSWORD, not stored.", secret: true, writeOnly: true },
    passwordWoVersion: { type: "string", description: "A new one sets passwordWo anew." },
    replication: flag("REPLICATION."),
    roles: { type: "strings", description: "The roles that it is a member of.", isSet: true },
    searchPaths: { type: "strings", description: "search_path." },
    skipDropRole: flag("Delete leaves the role."),
    skipReassignOwned: flag("Delete leaves what the role owns."),
    statementTimeout: milliseconds("statement_timeout in ms; 0 is none."),
    superuser: flag("SUPERUSER."),
    validUntil: { type: "string", description: "VALID UNTIL.", default: "infinity" },
  },
};

export const databaseType: BridgedType = {
  token: "postgresql:index/database:Database",
  description: "A database.",
  deleteBeforeReplace: true,
  properties: {
    allowConnections: { type: "boolean", description: "ALLOW_CONNECTIONS.", default: true },
    alterObjectOwnership: flag("A new owner also gets what the old one owns in the database."),
    connectionLimit: limit("CONNECTION LIMIT; -1 is none."),
    encoding: { type: "string", description: "ENCODING.", computed: true, replaces: true },
    isTemplate: { type: "boolean", description: "IS_TEMPLATE.", computed: true },
    lcCollate: { type: "string", description: "LC_COLLATE.", computed: true, replaces: true },
    lcCtype: { type: "string", description: "LC_CTYPE.", computed: true, replaces: true },
    name: name("database"),
    owner: { type: "string", description: "OWNER.", computed: true },
    tablespaceName: { type: "string", description: "TABLESPACE.", computed: true },
    template: { type: "string", description: "TEMPLATE.", computed: true, replaces: true },
  },
};

export const schemaType: BridgedType = {
  token: "postgresql:index/schema:Schema",
  description: "A schema of a database.",
  deleteBeforeReplace: true,
  properties: {
    database: { type: "string", description: "The database that holds it.", computed: true, replaces: true },
    dropCascade: flag("Delete takes with it what the schema holds."),
    ifNotExists: { type: "boolean", description: "One that exists is taken over.", default: true },
    name: name("schema"),
    owner: { type: "string", description: "AUTHORIZATION.", computed: true },
    policies: {
      type: "strings",
      description: "Deprecated: use Grant.",
      computed: true,
      refused: 'is deprecated; use a postgresql.Grant with objectType "schema"',
    },
  },
};

/** By object type, all but ALL. */
export const privilegesOf: Readonly<Record<string, readonly string[]>> = {
  database: ["CREATE", "CONNECT", "TEMPORARY"],
  schema: ["CREATE", "USAGE"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  function: ["EXECUTE"],
  procedure: ["EXECUTE"],
  routine: ["EXECUTE"],
  type: ["USAGE"],
  foreign_data_wrapper: ["USAGE"],
  foreign_server: ["USAGE"],
  column: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
};

const privileges: Property = {
  type: "strings",
  description: "The privileges; none at all revokes them.",
  required: true,
  isSet: true,
};
const grantOption: Property = { ...flag("WITH GRANT OPTION."), replaces: true };
const grantee: Property = {
  type: "string",
  description: "Who gets them; public is everybody.",
  required: true,
  replaces: true,
};
const inDatabase: Property = { type: "string", description: "The database.", required: true, replaces: true };

export const grantType: BridgedType = {
  token: "postgresql:index/grant:Grant",
  description: "The privileges of one role on objects of one kind: these and no others.",
  deleteBeforeReplace: true,
  properties: {
    columns: { type: "strings", description: "For objectType column.", isSet: true, replaces: true },
    database: inDatabase,
    objectType: {
      type: "string",
      description: "What the privileges are on.",
      required: true,
      replaces: true,
      allowed: [
        ...["database", "schema", "table", "sequence", "function", "procedure", "routine"],
        ...["foreign_data_wrapper", "foreign_server", "column"],
      ],
    },
    objects: {
      type: "strings",
      description: "Names; without any, all in the schema.",
      isSet: true,
      replaces: true,
    },
    privileges,
    role: grantee,
    schema: { type: "string", description: "The schema that holds the objects.", replaces: true },
    withGrantOption: grantOption,
  },
};

export const defaultPrivilegesType: BridgedType = {
  token: "postgresql:index/defaultPrivileges:DefaultPrivileges",
  description: "The privileges of one role on what another will create.",
  deleteBeforeReplace: true,
  properties: {
    database: inDatabase,
    objectType: {
      type: "string",
      description: "What the privileges are on.",
      required: true,
      replaces: true,
      allowed: ["table", "sequence", "function", "routine", "type", "schema"],
    },
    owner: { type: "string", description: "Whose objects.", required: true, replaces: true },
    privileges,
    role: grantee,
    schema: { type: "string", description: "Only for objects in this schema.", replaces: true },
    withGrantOption: grantOption,
  },
};

export const extensionType: BridgedType = {
  token: "postgresql:index/extension:Extension",
  description: "An extension of a database.",
  deleteBeforeReplace: true,
  properties: {
    createCascade: flag("Create makes the extensions that it needs."),
    database: { type: "string", description: "The database.", computed: true, replaces: true },
    dropCascade: flag("Delete takes with it what depends on it."),
    name: { ...name("extension"), replaces: true },
    schema: { type: "string", description: "SCHEMA.", computed: true },
    version: { type: "string", description: "VERSION.", computed: true },
  },
};
