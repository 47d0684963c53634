/** Which resources changed, for clients that subscribed. Uris only: whoever wants the content reads it. */
export interface Changes {
  emit(uris: readonly string[]): void;
  onChange(listener: (uris: readonly string[]) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Set<(uris: readonly string[]) => void>();
  return {
    emit: (uris) => {
      for (const listener of listeners) listener(uris);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
