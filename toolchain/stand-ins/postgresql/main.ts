import { serve } from "../../../provider/host/server.ts";
import { postgresqlProvider } from "./provider.ts";

await serve(postgresqlProvider());
