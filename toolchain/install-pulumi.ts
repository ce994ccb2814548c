// Installs the release of the Pulumi CLI into the folder that is given; a process of its own, which can be
// ended when the download stands still.
import { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";

// Its default is the version of the SDK, which is the one that is wanted.
const [root] = process.argv.slice(2);
if (root === undefined) throw new Error("the folder is missing");
await PulumiCommand.install({ root });
