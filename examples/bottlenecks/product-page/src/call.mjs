const ATTEMPTS = 5;

/** Answers of other services as JSON; undefined when a service has none after several attempts. */
export async function getJson(url) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const response = await tryOnce(url);
    if (response?.ok) return response.json();
    await response?.body?.cancel();
  }
  return undefined;
}

/** Undefined when nobody answered: a service that restarts refuses connections for a moment. */
async function tryOnce(url) {
  try {
    return await fetch(url);
  } catch {
    return undefined;
  }
}
