const PARTNERS = ['Bakery Jansen', 'City Works', 'Rent', 'Salary', 'Bookshop Ros', 'Insurance', 'Rail'];
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2024, 0, 2);

/** The bookings of an account in a year, oldest first; made up, but always the same. */
export function bookingsOf(account, count) {
  let balance = 250_000 + (account % 1000) * 100;
  return Array.from({ length: count }, (_, index) => {
    const partner = PARTNERS[(account + index * 3) % PARTNERS.length];
    const cents = partner === 'Salary' ? 280_000 : -(500 + ((account * 31 + index * 977) % 9000));
    balance += cents;
    return { day: new Date(FIRST_DAY + index * 3 * DAY_MS), partner, cents, balance };
  });
}
