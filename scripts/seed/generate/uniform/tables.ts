export { inventory } from "./inventory.ts";
export { orderdetails } from "./orderdetails.ts";
export { orders } from "./orders.ts";
export { products } from "./products.ts";
export { reviews } from "./reviews.ts";
export { shipping } from "./shipping.ts";
export { transactions } from "./transactions.ts";
