import { serve } from "../host/server.ts";
import { createProvider } from "./provider.ts";

await serve(createProvider());
