// Sources are TypeScript with `.ts` in their imports, run as ES modules; swc strips the types.
const swc = [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', tsx: true },
      target: 'es2023',
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    },
    module: { type: 'es6' },
  },
];

export default {
  collectCoverageFrom: ['broker/**/*.ts', 'shared/**/*.ts', '!broker/main.ts'],
  coverageProvider: 'v8',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  testEnvironment: 'node',
  // Far beyond what any of them takes: a busy machine is no failure.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  transform: { '\\.tsx?$': swc },
};
