const GOODS = ['Tea', 'Coffee', 'Cups', 'Plates', 'Spoons', 'Kettle', 'Tray', 'Napkins'];

/** The till's memory; receipts never change. */
const receipts = Array.from({ length: 500 }, (_, index) => {
  const id = index + 1;
  const lines = Array.from({ length: 4 + (id % 5) }, (_, line) => ({
    name: GOODS[(id + line) % GOODS.length],
    pieces: 1 + ((id * 7 + line) % 3),
    cents: 199 + ((id * 131 + line * 17) % 4000),
    reduced: (id + line) % 4 === 0,
  }));
  return {
    id,
    shop: `Shop ${1 + (id % 9)}`,
    member: id % 3 === 0 ? `Member ${id}` : undefined,
    lines: lines.map((line) => ({
      ...line,
      total: price(line.cents * line.pieces),
      single: price(line.cents),
    })),
    total: price(lines.reduce((sum, { cents, pieces }) => sum + cents * pieces, 0)),
  };
});

export function findReceipt(id) {
  return receipts[id - 1];
}

function price(cents) {
  return (cents / 100).toFixed(2);
}
