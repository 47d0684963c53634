import { DateTime } from 'luxon-iso-before';

/** Timestamps of a log as ISO text. */
export function run(times) {
  return times.map((millis) => DateTime.fromMillis(millis, { zone: 'utc' }).toISO());
}
