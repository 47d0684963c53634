/** Numbers and days in the words of a reader. */
export function amount(cents, { locale, currency }) {
  return new Intl.NumberFormat(locale, { style: 'currency', currency, signDisplay: 'exceptZero' }).format(
    cents / 100,
  );
}

export function day(date, { locale }) {
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}
