/** The layering rule of the house: dependencies point inward. One table, reviewed like code. */
const layers = {
  core: { src: ['core'], npm: ['zod', 'simple-statistics', 'yaml', 'pprof-format', 'scslre'] },
  render: { src: ['core', 'render'], npm: [] },
  loop: { src: ['core', 'loop'], npm: [] },
  tools: { src: ['core', 'loop', 'render', 'tools'], npm: ['zod'] },
  resources: { src: ['core', 'loop', 'render', 'resources'], npm: ['zod'] },
  prompts: { src: ['core', 'loop', 'render', 'prompts'], npm: ['zod'] },
  server: {
    src: ['core', 'loop', 'render', 'tools', 'resources', 'prompts', 'server'],
    npm: ['zod', '@modelcontextprotocol/sdk'],
  },
  children: { src: ['children'], npm: [] },
  cli: { src: ['core', 'loop', 'render', 'cli'], npm: ['commander'] },
};

const rules = Object.entries(layers).flatMap(([layer, allowed]) => [
  {
    name: `${layer}-imports-only-its-own-table-of-layers`,
    severity: 'error',
    from: { path: `^src/${layer}/` },
    to: { path: '^src/', pathNot: allowed.src.map((name) => `^src/${name}/`) },
  },
  {
    name: `${layer}-imports-only-its-own-table-of-packages`,
    severity: 'error',
    from: { path: `^src/${layer}/` },
    to: {
      dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
      pathNot: allowed.npm.map((name) => `node_modules/${name}/`),
    },
  },
]);

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'pure-layers-have-no-node-builtins',
      severity: 'error',
      from: { path: '^src/(core|render|loop)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|path|buffer|util)$' },
    },
    {
      name: 'adapters-import-core-only',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/', pathNot: ['^src/core/', '^src/children/', '^src/adapters/$1/'] },
    },
    {
      name: 'only-main-wires',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/(main|wire)\\.ts$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(main|adapters/.*/(child|preload)[^/]*)\\.ts$' },
      to: {},
    },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
