import { produce } from 'immer-produce-before';

/** A reducer of a shop: some lines of an order get another quantity. */
export function run(order, changes) {
  const next = produce(order, (draft) => {
    for (const { line, quantity } of changes) draft.lines[line].quantity = quantity;
  });
  return next.lines.map(({ quantity }) => quantity);
}
