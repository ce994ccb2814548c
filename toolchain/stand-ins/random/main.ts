import { serve } from "../../../provider/host/server.ts";
import { randomProvider } from "./provider.ts";

await serve(randomProvider());
