import type { Options } from 'tsup';

/** What every package is built to: ES modules, CommonJS and types, one file an entry. */
export function library(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm', 'cjs'],
    dts: { compilerOptions: { allowImportingTsExtensions: true } },
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: true,
  };
}
