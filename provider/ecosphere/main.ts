import { serve } from "../host/server.ts";
import { ecosphereProvider } from "./provider.ts";

await serve(ecosphereProvider);
