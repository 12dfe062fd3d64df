import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages are tested from their sources, so a unit test needs no build.
  resolve: { conditions: ['@oci/source'] },
  ssr: { resolve: { conditions: ['@oci/source'], externalConditions: ['@oci/source'] } },
  test: {
    include: ['**/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Many projects are tested at once, on machines with few processors.
    testTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
});
