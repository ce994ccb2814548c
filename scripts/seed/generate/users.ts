import { timestampText } from "./dates.ts";
import type { RowGenerator } from "./row-generator.ts";

/** Registered within the decade of the reference day, and not after it. */
export const users: RowGenerator = (world) => {
  const random = world.stream("users");
  return (id) => {
    random.at(id);
    const firstName = world.text("firstName", random);
    const lastName = world.text("lastName", random);
    const handle = `${firstName}.${lastName}`.toLowerCase().replace(/[^a-z.]/g, "");
    const domain = world.text("mailDomain", random);
    const address = ["street", "city", "stateAndZip"] as const;
    return [
      id,
      `${handle}${random.int(1, 999)}`,
      firstName,
      lastName,
      `${handle}${random.int(1, 999)}@${domain}`,
      random.pick(world.passwords),
      address.map((part) => world.text(part, random)).join(", "),
      world.text("phoneNumber", random),
      timestampText(world.registrationOf(id)),
    ];
  };
};
