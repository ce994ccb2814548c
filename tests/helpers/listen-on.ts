import { createServer } from "node:net";

/** Takes a port, or finds it taken, which serves as well. */
export function listenOn(port: number): Promise<{ close(): unknown }> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => {
      resolve({ close: () => undefined });
    });
    server.listen(port, "127.0.0.1", () => {
      resolve(server);
    });
  });
}
