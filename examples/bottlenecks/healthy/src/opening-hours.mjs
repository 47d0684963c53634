const HOURS = { mon: [10, 18], tue: [10, 18], wed: [12, 20], thu: [10, 18], fri: [10, 16], sat: [10, 14] };

/** When the library is open on a day; undefined when it is not. */
export function openingHours(day) {
  const hours = HOURS[day];
  return hours === undefined ? undefined : { opens: `${hours[0]}:00`, closes: `${hours[1]}:00` };
}
