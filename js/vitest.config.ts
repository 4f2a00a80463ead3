import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Node by default; a test that needs a page says `@vitest-environment jsdom` in its first line.
    environment: 'node',
    // Some make 100,000 rows or run hundreds of seeds, and other suites may be at work beside them.
    testTimeout: 60_000,
  },
});
