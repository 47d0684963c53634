import render0x from '0x';

/**
 * Draws the .cpuprofile that argv names into an HTML file beside it. A process of its own, because 0x writes to stdout,
 * installs signal handlers and bundles with browserify for seconds.
 */
const [, , profileFile, workingDir, title] = process.argv;
if (profileFile === undefined || workingDir === undefined) {
  process.stderr.write('usage: child-flamegraph <profile> <directory> [title]\n');
  process.exit(2);
}

await render0x({ visualizeCpuProfile: profileFile, workingDir, title: title ?? '', name: 'flamegraph' });
