import { defineConfig } from 'vitest/config';

/** Runs the generator of golden vectors, which `npm test` leaves alone. See generate.ts. */
export default defineConfig({
  test: { include: ['test/detectors/golden/generate.ts'], testTimeout: 600_000, pool: 'forks' },
});
