import semver from 'semver-satisfies-before';

/** Which of many versions a resolver may take. */
export function run(versions, ranges) {
  return ranges.map((range) => versions.filter((version) => semver.satisfies(version, range)).length);
}
