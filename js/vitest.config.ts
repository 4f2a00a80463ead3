import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Node by default; a test that needs a page says `@vitest-environment jsdom` in its first line.
    environment: 'node',
  },
});
