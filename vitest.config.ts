import { defineConfig } from 'vitest/config';

const seed = process.env.SEED ?? String(Date.now() % 1_000_000);
console.log(`tests by chance: SEED=${seed}`);

export default defineConfig({
  test: {
    env: { SEED: seed },
    setupFiles: ['test/support/seed.ts'],
    // These end what hangs; how fast a machine is, or how busy with other work, is no matter of theirs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
