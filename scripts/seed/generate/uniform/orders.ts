import { money, type RowGenerator } from "../row-generator.ts";
import { dayText, timestampText } from "../dates.ts";

/** Price 10 to 1000; ordered between the buyer's registration and the reference day. */
export const orders: RowGenerator = (world) => {
  const random = world.stream("orders");
  return (id) => {
    random.at(id);
    const userId = world.anyId("users", random);
    const registration = world.registrationOf(userId);
    return [
      id,
      userId,
      timestampText(registration),
      money(random.int(1000, 100_000)),
      dayText(random.int(registration, world.asOf)),
    ];
  };
};
