import { bookingsOf } from './bookings.mjs';
import { amount, day } from './words.mjs';

const BOOKINGS = 60;

/** A page of bookings as its reader sees it. */
export function statementOf(account, reader) {
  const bookings = bookingsOf(account, BOOKINGS);
  const closing = bookings.at(-1);
  return {
    account,
    until: day(closing.day, reader),
    balance: amount(closing.balance, reader),
    bookings: bookings.map((booking) => ({
      day: day(booking.day, reader),
      partner: booking.partner,
      amount: amount(booking.cents, reader),
      balance: amount(booking.balance, reader),
    })),
  };
}
