import type { Properties } from "../host/values.ts";

export const version = "0.1.0";
export const volumeFileToken = "ecosphere:index:VolumeFile";
export const gateToken = "ecosphere:index:Gate";

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
  replicas: whole("How many replicas must be streaming."),
  members: texts("Names of the instances, for messages."),
  timeoutSeconds: whole("How long to wait; default 180."),
};

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
  },
};
