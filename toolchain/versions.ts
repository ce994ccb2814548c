/** The versions that the project was built and tested with. */
export const pulumiVersion = "3.253.0";

/** The plugins that the program needs, as Pulumi names them. */
export const pluginVersions = {
  docker: "5.2.0",
  postgresql: "3.18.1",
  random: "4.21.2",
  tls: "5.6.1",
} as const;

export type PluginName = keyof typeof pluginVersions;

/** The oldest Go that builds the modules of toolchain/. */
export const oldestGo = "1.25.11";
