import { articles, customers, sales } from './books.mjs';

/** Revenue by country and group of articles, in cents, between two hours. */
export function revenueBetween(from, to) {
  const revenue = {};
  for (const sale of sales) {
    if (sale.hour < from || sale.hour >= to) continue;
    const { country, group, cents } = describeSale(sale);
    const ofCountry = (revenue[country] ??= {});
    ofCountry[group] = (ofCountry[group] ?? 0) + cents;
  }
  return Object.fromEntries(Object.entries(revenue).sort());
}

function describeSale(sale) {
  const customer = customers.find(({ id }) => id === sale.customer);
  const article = articles.find(({ id }) => id === sale.article);
  return { country: customer.country, group: article.group, cents: article.cents * sale.pieces };
}
