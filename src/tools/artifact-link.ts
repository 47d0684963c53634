import type { Artifact } from '../core/model/evidence.ts';
import type { Link } from '../core/model/result.ts';

export function artifactLink({ id, title, mime_type }: Artifact): Link {
  return { uri: `deep-optimize://artifacts/${id}`, title, mime_type };
}
