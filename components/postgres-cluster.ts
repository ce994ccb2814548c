import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { certificateNames, tlsFiles } from "../lib/cluster-config/certificates.ts";
import { certifiedParts } from "../lib/cluster-config/certified-parts.ts";
import { renderEtcdConfig } from "../lib/cluster-config/etcd.ts";
import { haproxyFile, renderHaproxyConfig } from "../lib/cluster-config/haproxy.ts";
import { limitsOf } from "../lib/cluster-config/limits.ts";
import {
  attachmentsOf,
  isInternal,
  networkOf,
  type NetworkName,
  type PartKind,
} from "../lib/cluster-config/networks.ts";
import {
  clusterSettings,
  patroniFile,
  postBootstrapFile,
  renderPatroniConfig,
  renderPostBootstrapSql,
} from "../lib/cluster-config/patroni.ts";
import {
  adminRole,
  etcdClientPort,
  etcdNames,
  patroniPort,
  postgresPort,
  proxyNames,
  proxyPorts,
} from "../lib/cluster-config/topology.ts";
import { hostSocket, renderSentinelConfig, sentinelFile } from "../lib/cluster-config/sentinel.ts";
import { addressesOf, type Address } from "../lib/connection.ts";
import type { GivenCertificates } from "../lib/given-certificates/read.ts";
import { imageUserIds } from "../lib/images.ts";
import {
  pgbouncerFile,
  renderPgbouncerConfig,
  renderUserlist,
  userlistFile,
} from "../lib/cluster-config/pgbouncer.ts";
import { instanceNames, proxyPortsOf, proxyPortStep, type Settings } from "../lib/settings.ts";
import { ClusterSettings, Gate, RolePasswords } from "../provider/ecosphere/sdk.ts";
import { ClusterCertificates } from "./cluster-certificates.ts";
import { ClusterImages } from "./cluster-images.ts";
import { ClusterPart, httpHealth, httpsHealth, type PartTurn } from "./cluster-part.ts";
import { EtcdAccess } from "./etcd-access.ts";
import { generatedPassword, type GeneratedPassword } from "./generated-password.ts";

export interface PostgresClusterArgs {
  /** The stack's name: part of every container's, volume's and network's name. */
  readonly stack: string;
  readonly settings: Settings;
  /** Certificates in place of some by an authority of the stack's own. */
  readonly given?: GivenCertificates | undefined;
}

/** An address of the cluster, as clients on the host reach it, and the same by the other proxies. */
export interface ClusterEndpoint extends Address {
  readonly alternatives: readonly Address[];
}

/**
 * A PostgreSQL cluster: one primary and its replicas under Patroni, three etcd members for the leader lock,
 * proxies in front, of which one is enough. All containers start side by side; `gate` opens when the primary
 * takes writes and every replica streams.
 */
export class PostgresCluster extends pulumi.ComponentResource {
  readonly rw: ClusterEndpoint;
  readonly ro: ClusterEndpoint;
  readonly adminAddresses: readonly Address[];
  readonly instances: readonly (Address & { readonly name: string })[];
  /** Where Pulumi itself connects, and what it waits for. Whoever connects takes host and port from here. */
  readonly gate: Gate;
  readonly admin: GeneratedPassword & { readonly user: string };
  /** The authorities that its certificates are verified by, as PEM. */
  readonly ca: pulumi.Output<string>;

  readonly #args: PostgresClusterArgs;
  readonly #name: string;
  readonly #networks: Readonly<Record<NetworkName, docker.Network>>;
  readonly #images: ClusterImages;
  readonly #certificates: ClusterCertificates;
  readonly #etcdAccess: EtcdAccess;

  constructor(name: string, args: PostgresClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("ecosphere:cluster:PostgresCluster", name, {}, options);
    const { settings, stack } = args;
    const names = instanceNames(settings.replicas);
    // Published on every address, the cluster is still reached from this host by the loopback one.
    const host = settings.bindAddress === "0.0.0.0" ? "127.0.0.1" : settings.bindAddress;
    this.#args = args;
    this.#name = name;
    const endpointAt = (first: number): ClusterEndpoint => {
      const others = proxyPortsOf(first, settings.proxies).slice(1);
      return { host, port: first, alternatives: others.map((port) => ({ host, port })) };
    };
    this.rw = endpointAt(settings.rwPort);
    this.ro = endpointAt(settings.roPort);
    this.adminAddresses = [endpointAt(settings.adminPort)].flatMap(addressesOf);
    this.instances = names.map((instance, at) => ({
      name: instance,
      host,
      port: settings.instancePort + at,
    }));

    // First: the provider takes two seconds for each, side by side, and every container waits.
    this.#networks = {
      clients: this.#createNetwork("clients"),
      etcd: this.#createNetwork("etcd"),
      instances: this.#createNetwork("instances"),
    };
    this.#images = new ClusterImages(`${name}-images`, settings, { parent: this });
    this.#certificates = new ClusterCertificates(
      `${name}-certificates`,
      {
        authority: `ecosphere-${stack}`,
        authorities: settings.authorities,
        parts: certifiedParts(settings).map(({ name: part, bindAddress }) => ({
          name: part,
          ...certificateNames(part, bindAddress),
        })),
        given: args.given,
      },
      { parent: this },
    );
    this.#etcdAccess = new EtcdAccess(
      `${name}-etcd`,
      { stack, authorities: settings.authorities, clients: [...names, "sentinel"] },
      { parent: this },
    );
    this.ca = this.#certificates.ca;
    const version = settings.passwordVersions.admin;
    this.admin = { user: adminRole, ...generatedPassword(`${name}-admin-password`, version, this) };
    const etcd = this.#createEtcd();
    const instanceParts = this.#createInstances(etcd);
    const parts = [...etcd, ...instanceParts, ...this.#createProxies(instanceParts)];
    const sentinel = this.#createSentinel();
    const users = this.#etcdAccess.createUsers(etcd, [...etcd, ...instanceParts, sentinel]);
    const clusterSettingsArgs = {
      stack,
      containers: parts.map(({ containerId }) => containerId),
      settings: clusterSettings(settings),
    };
    const dependsOn = parts.flatMap(({ joined }) => joined ?? []);
    const applied = new ClusterSettings(`${name}-settings`, clusterSettingsArgs, { parent: this, dependsOn });
    const password = new RolePasswords(
      `${name}-admin-passwords`,
      {
        stack,
        versions: { [adminRole]: version.version },
        passwords: { [adminRole]: this.admin.password },
        containers: instanceParts.map(({ containerId }) => containerId),
      },
      { parent: this, dependsOn: [applied] },
    );
    this.gate = new Gate(
      `${name}-gate`,
      {
        containers: parts.map(({ containerId }) => containerId),
        members: [...names],
        host,
        adminPorts: this.adminAddresses.map(({ port }) => port),
        username: this.admin.user,
        password: this.admin.password,
        ca: this.ca,
        replicas: settings.replicas,
      },
      { parent: this, dependsOn: [password, users] },
    );
    this.registerOutputs({ rw: this.rw, ro: this.ro, instances: this.instances });
  }

  #createNetwork(network: NetworkName): docker.Network {
    const { stack } = this.#args;
    return new docker.Network(
      `${this.#name}-network-${network}`,
      {
        name: networkOf(stack, network),
        internal: isInternal[network],
        labels: [{ label: "ecosphere.stack", value: stack }],
      },
      { parent: this },
    );
  }

  #createEtcd(): ClusterPart[] {
    return inTurns(etcdNames, 1, [], (member, _at, turn) =>
      this.#createPart("etcd", member, {
        turn,
        image: this.#images.etcd,
        userId: imageUserIds.etcd,
        files: [
          { path: "etcd.yml", content: renderEtcdConfig(member, `ecosphere-${this.#args.stack}`, tlsFiles) },
          ...this.#etcdAccess.filesOfMember(member),
        ],
        dataFolder: "/data/etcd",
        ports: [],
        health: httpsHealth(etcdClientPort, "/health"),
        // A member that takes its leave answers with errors meanwhile, which Patroni does not ask another member
        // about: the primary would step down. Of one that is gone at once it does. The log on disk is whole at any
        // moment.
        stopSignal: "SIGKILL",
        stopSeconds: 2,
      }),
    );
  }

  #createInstances(after: readonly ClusterPart[]): ClusterPart[] {
    const names = this.instances.map(({ name }) => name);
    return inTurns(names, instancesAtOnce, after, (instance, at, turn) =>
      this.#createPart("pg", instance, {
        turn,
        image: this.#images.postgres,
        userId: imageUserIds.postgres,
        files: [
          {
            path: patroniFile,
            content: this.#etcdAccess.logins.patroni.apply((etcd) =>
              renderPatroniConfig(instance, clusterSettings(this.#args.settings), { ...tlsFiles, etcd }),
            ),
          },
          { path: postBootstrapFile, content: renderPostBootstrapSql(adminRole) },
          ...this.#certificates.filesOf(instance),
          this.#etcdAccess.fileOfClient(instance, "SIGHUP"),
        ],
        reloadSignal: "SIGHUP",
        // It holds the audit, and a line for each of the sentinel's probes: some 60 MB a day.
        logFiles: 20,
        dataFolder: "/data/postgres",
        ports: [{ external: this.#args.settings.instancePort + at, internal: postgresPort }],
        health: httpsHealth(patroniPort, "/health"),
        // Patroni hands the leader lock over and lets Postgres finish its checkpoint.
        stopSignal: "SIGTERM",
        stopSeconds: 60,
      }),
    );
  }

  /** HAProxy with a PgBouncer before each endpoint but admin. */
  #createProxies(after: readonly ClusterPart[]): ClusterPart[] {
    const { settings } = this.#args;
    return inTurns(proxyNames(settings.proxies), 1, after, (proxy, at, turn) =>
      this.#createPart("proxy", proxy, {
        turn,
        image: this.#images.proxy,
        userId: imageUserIds.proxy,
        files: [
          { path: haproxyFile, content: renderHaproxyConfig(tlsFiles) },
          { path: pgbouncerFile("rw"), content: renderPgbouncerConfig("rw", tlsFiles) },
          { path: pgbouncerFile("ro"), content: renderPgbouncerConfig("ro", tlsFiles) },
          { path: userlistFile, content: renderUserlist() },
          ...this.#certificates.filesOf(proxy, { identity: "SIGUSR1" }),
        ],
        reloadSignal: "SIGHUP",
        ports: [
          { external: settings.rwPort + at * proxyPortStep, internal: proxyPorts.rw },
          { external: settings.roPort + at * proxyPortStep, internal: proxyPorts.ro },
          { external: settings.adminPort + at * proxyPortStep, internal: proxyPorts.admin },
        ],
        health: httpHealth(proxyPorts.health, "/healthz"),
        stopSignal: "SIGTERM",
        stopSeconds: 10,
      }),
    );
  }

  /** Starts what died, and fences what is silent; without it a lost primary costs Patroni's lease. */
  #createSentinel(): ClusterPart {
    const { settings, stack } = this.#args;
    return this.#createPart("sentinel", "sentinel", {
      image: this.#images.sentinel,
      userId: imageUserIds.sentinel,
      files: [
        {
          path: sentinelFile,
          content: this.#etcdAccess.logins.sentinel.apply((etcdLogin) =>
            renderSentinelConfig({
              stack,
              instances: instanceNames(settings.replicas),
              patienceSeconds: settings.sentinelPatience,
              etcdLogin,
            }),
          ),
        },
        ...this.#certificates.filesOf("sentinel", { ca: "SIGUSR1", identity: "SIGUSR1" }),
        this.#etcdAccess.fileOfClient("sentinel", "SIGUSR1"),
      ],
      // It ends, and Docker starts it again: half a second without it.
      reloadSignal: "SIGHUP",
      dockerSocket: hostSocket(),
      ports: [],
      health: ["bash", "-c", '[[ -n $(find /tmp/alive -newermt "30 seconds ago") ]]'],
      stopSignal: "SIGTERM",
      stopSeconds: 2,
    });
  }

  #createPart(
    kind: PartKind,
    part: string,
    args: Omit<
      ConstructorParameters<typeof ClusterPart>[1],
      "part" | "stack" | "networks" | "limits" | "bindAddress" | "isProtected"
    >,
  ): ClusterPart {
    const { settings, stack } = this.#args;
    return new ClusterPart(
      `${this.#name}-${part}`,
      {
        ...args,
        part,
        stack,
        networks: attachmentsOf(stack, part).map(({ name, aliases }) => ({
          name: this.#networks[name].name,
          aliases,
        })),
        limits: limitsOf(kind, settings.instanceMemory),
        bindAddress: settings.bindAddress,
        isProtected: settings.isProtected,
      },
      { parent: this },
    );
  }
}

/** How many instances ask for the turn at the same time: each one occupies one of the engine's few workers. */
const instancesAtOnce = 3;

/**
 * Makes parts that are replaced one after the other. Each asks for its turn once the part `atOnce` places before
 * it has had its own, the first ones once `after` have: then waiting parts never take all of the engine's workers.
 */
function inTurns(
  names: readonly string[],
  atOnce: number,
  after: readonly ClusterPart[],
  make: (name: string, at: number, turn: PartTurn) => ClusterPart,
): ClusterPart[] {
  const parts: ClusterPart[] = [];
  for (const [at, name] of names.entries()) {
    const previous = parts[at - atOnce];
    const turn = {
      peers: names,
      // Those that wait for this one cannot go before it.
      before: names.filter((_, other) => other !== at && (other < at || (other - at) % atOnce !== 0)),
      after: previous ? [previous] : after,
    };
    parts.push(make(name, at, turn));
  }
  return parts;
}
