import { serve } from "../../../provider/host/server.ts";
import { tlsProvider } from "./provider.ts";

await serve(tlsProvider());
