import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // These end what hangs; how fast a machine is, or how busy with other work, is no matter of theirs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
