/** Paths by which a service says that it is up: good to wait for, nothing to measure. */
export const HEALTH_PATH = /^\/(?:api\/)?(?:v\d+\/)?(?:health|healthz|livez?|ready|readyz|status|ping)\/?$/i;
