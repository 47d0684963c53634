const PRICES = { tea: 390, coffee: 550, cup: 890, kettle: 4900 };
const STEPS = ['received', 'packed', 'sent'];

/** What a customer is told about an order; undefined when something in it cannot be had. */
export function confirm({ customer, articles }) {
  if (articles.length === 0 || articles.some((name) => PRICES[name] === undefined)) return undefined;
  const lines = articles.map((name, index) => ({ line: index + 1, name, cents: PRICES[name] }));
  return {
    customer,
    lines,
    total_cents: lines.reduce((sum, { cents }) => sum + cents, 0),
    steps: STEPS.map((step, index) => ({ step, expected: `in ${2 * index} days`, done: index === 0 })),
  };
}
