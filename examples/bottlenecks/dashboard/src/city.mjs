import { findPartner } from './partner-process.mjs';

const origin = await findPartner();

/** What is going on in a city, for the screen in the hall. */
export async function describeCity(city) {
  const { degrees, sky } = await ask('weather', city);
  const { next } = await ask('departures', city);
  const { headlines } = await ask('headlines', city);
  return { city, weather: `${degrees} degrees, ${sky}`, departures: next, headlines };
}

async function ask(service, city) {
  const response = await fetch(`${origin}/${service}/${encodeURIComponent(city)}`);
  if (!response.ok) throw new Error(`${service} answered ${response.status} for ${city}`);
  return response.json();
}
