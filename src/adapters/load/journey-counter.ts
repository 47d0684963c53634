import type { JourneyCounts } from '../../core/ports/load.ts';
import type { CompiledJourney } from './compile-journeys.ts';
import type { walkJourney } from './walk-journey.ts';

export interface JourneyCounter {
  begin(journey: CompiledJourney): void;
  end(journey: CompiledJourney, how: Awaited<ReturnType<typeof walkJourney>>): void;
  counts(): JourneyCounts;
}

/** Requests that stand alone are no journeys. */
export function createJourneyCounter(): JourneyCounter {
  const counts = { started: 0, completed: 0, failed: 0 };
  return {
    begin: ({ isJourney }) => {
      if (isJourney) counts.started += 1;
    },
    end: ({ isJourney }, how) => {
      if (isJourney && how !== 'cut') counts[how] += 1;
    },
    counts: () => ({ ...counts }),
  };
}
