import { z } from 'zod-object-before';

const order = z.object({
  id: z.string().min(3),
  customer: z.object({ name: z.string(), mail: z.string(), since: z.number().int() }),
  lines: z.array(z.object({ article: z.string(), quantity: z.number().int().positive() })),
  note: z.string().optional(),
});

/** How many orders of an import are well formed. */
export function run(orders) {
  return orders.filter((one) => order.safeParse(one).success).length;
}
