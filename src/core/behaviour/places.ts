import type { ObservationScope } from './model.ts';

/** Writes a text as it would be anywhere: the two sides of a comparison run in different folders, on different ports. */
export function createPlaceRemover(places: ObservationScope['places']): (text: string) => string {
  return (text) => places.reduce((done, [place, name]) => done.replaceAll(place, name), text);
}
