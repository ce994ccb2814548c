import { timestampText } from "./dates.ts";
import type { RowGenerator } from "./row-generator.ts";

/** Registered within the decade of the reference day, and not after it. */
export const users: RowGenerator = (world) => {
  const random = world.stream("users");
  return (id) => {
    random.at(id);
    const firstName = world.text("firstName", random);
    const lastName = world.text("lastName", random);
    const handle = `${plain(firstName)}.${plain(lastName)}`;
    const domain = world.text("mailDomain", random);
    return [
      id,
      `${handle}${random.int(1, 999)}`,
      firstName,
      lastName,
      `${handle}${random.int(1, 999)}@${domain}`,
      random.pick(world.passwords),
      `${world.text("street", random)}, ${world.text("city", random)}, ${world.text("stateAndZip", random)}`,
      world.text("phoneNumber", random),
      timestampText(world.registrationOf(id)),
    ];
  };
};

/** Names by what is left of them in a handle; there are few, and each is used often. */
const plainNames = new Map<string, string>();

function plain(name: string): string {
  let found = plainNames.get(name);
  if (found === undefined) {
    found = name.toLowerCase().replace(/[^a-z]/g, "");
    plainNames.set(name, found);
  }
  return found;
}
