import { readRecord } from '#csv';

export interface OrderLine {
  readonly article: string;
  readonly quantity: number;
  readonly cents: number;
}

export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly lines: OrderLine[];
  totalCents: number;
}

const HEADER = 'order,customer,article,quantity,cents';

/** The export has one record for each line of an order; the lines of an order need not follow each other. */
export function parseOrders(text: string): Order[] {
  if (!text.startsWith(`${HEADER}\n`)) throw new SyntaxError(`expected the header ${HEADER}`);
  const orders: Order[] = [];
  let at = HEADER.length + 1;
  while (at < text.length) {
    const { fields, next } = readRecord(text, at);
    const [id = '', customer = '', article = '', quantity = '', cents = ''] = fields;
    let order = orders.find((known) => known.id === id);
    if (order === undefined) {
      order = { id, customer, lines: [], totalCents: 0 };
      orders.push(order);
    }
    order.lines.push({ article, quantity: Number(quantity), cents: Number(cents) });
    order.totalCents += Number(quantity) * Number(cents);
    at = next;
  }
  return orders;
}
