import type { Properties } from "../host/values.ts";

export const version = "0.1.0";
export const volumeFileToken = "ecosphere:index:VolumeFile";
export const gateToken = "ecosphere:index:Gate";
export const turnToken = "ecosphere:index:Turn";
export const joinedToken = "ecosphere:index:Joined";
export const clusterSettingsToken = "ecosphere:index:ClusterSettings";
export const etcdUsersToken = "ecosphere:index:EtcdUsers";
export const rolePasswordsToken = "ecosphere:index:RolePasswords";

const text = (description: string): Properties => ({ type: "string", description });
const whole = (description: string): Properties => ({ type: "integer", description });
const texts = (description: string): Properties => ({
  type: "array",
  items: { type: "string" },
  description,
});
const secret = (description: string): Properties => ({ ...text(description), secret: true });

const volumeFileProperties: Properties = {
  volume: text("The Docker volume that holds the file. Changing it replaces the file."),
  path: text("Where the file is, relative to the volume's root. Changing it replaces the file."),
  content: secret("What the file holds, as text."),
  mode: text('Permissions in octal; default "0400".'),
  uid: whole("The numeric user that owns the file."),
  gid: whole("The numeric group that owns the file."),
  image: text(
    "An image on the host, for a helper container while no container mounts the volume; default any.",
  ),
  reloadSignal: text("Sent to the containers that mount the volume after the content has changed."),
};

const gateInputs: Properties = {
  containers: texts("Ids of the cluster's containers; the gate waits again when one changes."),
  host: text("Where the admin endpoint listens."),
  adminPorts: {
    type: "array",
    items: { type: "integer" },
    description: "The admin endpoint's port of each proxy; one that answers is enough.",
  },
  username: text("Whom to connect as; needs pg_monitor."),
  password: secret("The user's password."),
  database: text("The database to connect to; default postgres."),
  ca: text(
    "Authorities by which the server is verified over TLS, as PEM; without them, the connection is plain.",
  ),
  replicas: whole("How many replicas must be streaming."),
  members: texts("Names of the instances, for messages."),
  timeoutSeconds: whole("How long to wait; default 180."),
};

const partProperties: Properties = {
  stack: text("The stack's name. Changing it replaces the resource."),
  part: text("The part's name, such as pg-1. Changing it replaces the resource."),
  peers: texts("All parts of its kind: none that is at work is taken away while another is not."),
};

const turnProperties: Properties = {
  ...partProperties,
  spec: text("The fingerprint of what the container is made from."),
  before: texts("Parts that go before this one while it is the primary, if they are to be replaced too."),
  timeoutSeconds: whole("How long to wait for the turn; default 900."),
};

const joinedProperties: Properties = {
  ...partProperties,
  container: text("The id of the part's container."),
  timeoutSeconds: whole("How long to wait for the part; default 300."),
};

const clusterSettingsProperties: Properties = {
  stack: text("The stack's name. Changing it replaces the resource."),
  containers: texts("Ids of the containers, for messages."),
  settings: {
    type: "object",
    additionalProperties: { $ref: "pulumi.json#/Any" },
    description: "Patroni's settings of the whole cluster, as its own documentation names them.",
  },
  timeoutSeconds: whole("How long to wait for the cluster, and for each instance; default 300."),
};

const etcdUsersProperties: Properties = {
  stack: text("The stack's name. Changing it replaces the resource."),
  containers: texts("Ids of the members' containers; the users are looked for again when one changes."),
  users: {
    type: "array",
    items: { type: "object", additionalProperties: { $ref: "pulumi.json#/Any" } },
    description: "All users besides root, with name, password and grants: access, key and isPrefix.",
    secret: true,
  },
  timeoutSeconds: whole("How long to wait for a majority of etcd's members; default 180."),
};

const rolePasswordsProperties: Properties = {
  stack: text("The stack's name. Changing it replaces the resource."),
  versions: {
    type: "object",
    additionalProperties: { type: "integer" },
    description: "The number of each role's password, by role: what a preview shows of a change.",
  },
  passwords: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "The password of each role.",
    secret: true,
  },
  poolers: {
    type: "array",
    items: { $ref: "pulumi.json#/Any" },
    description: "Host and port of each pooler, which has to learn a new password.",
  },
  containers: texts("Ids of the instances' containers; the passwords are set again when one changes."),
  ca: text("Authorities by which the poolers are verified over TLS, as PEM."),
  timeoutSeconds: whole("How long to wait for a primary; default 180."),
};

/** A type whose outputs are its inputs. */
function kept(description: string, properties: Properties, required: string[]): Properties {
  return { description, inputProperties: properties, requiredInputs: required, properties, required };
}

/** What `pulumi import` and the engine need to know of each type. */
export const packageSchema: Properties = {
  name: "ecosphere",
  version,
  resources: {
    [volumeFileToken]: {
      description: "A file in a Docker volume, readable by the one user that needs it.",
      inputProperties: volumeFileProperties,
      requiredInputs: ["volume", "path", "content", "uid", "gid"],
      properties: volumeFileProperties,
      required: ["volume", "path", "content", "mode", "uid", "gid"],
    },
    [gateToken]: {
      description: "A cluster that accepts writes and has its replicas streaming.",
      inputProperties: gateInputs,
      requiredInputs: ["containers", "host", "adminPorts", "username", "password", "replicas"],
      properties: { ...gateInputs, port: whole("The port to connect to, once the cluster is usable.") },
      required: ["host", "port"],
    },
    [turnToken]: kept(
      "The wait for the moment in which a part's container may be replaced.",
      turnProperties,
      ["stack", "part", "peers", "spec", "before"],
    ),
    [joinedToken]: kept("The wait for a part that was replaced to be at work again.", joinedProperties, [
      "stack",
      "part",
      "peers",
      "container",
    ]),
    [clusterSettingsToken]: kept("Patroni's settings of a running cluster.", clusterSettingsProperties, [
      "stack",
      "containers",
      "settings",
    ]),
    [etcdUsersToken]: kept(
      "The users of a stack's etcd, which asks everybody for one.",
      etcdUsersProperties,
      ["stack", "containers", "users"],
    ),
    [rolePasswordsToken]: kept("The passwords of roles that are there already.", rolePasswordsProperties, [
      "stack",
      "versions",
      "passwords",
    ]),
  },
};
