import { defineConfig, type Options } from 'tsup';
import { library } from '../../tsup.base.ts';

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number];
type Esbuild = Parameters<EsbuildPlugin['setup']>[0]['esbuild'];
type Plugin = NonNullable<Options['plugins']>[number];

/** commander starts subcommands that are programs of their own; ocirun has none. */
const withoutChildProcess: EsbuildPlugin = {
  name: 'without-child-process',
  setup(build) {
    build.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export {}' }));
  },
};

/** Turns the files of a split build into CommonJS, which esbuild cannot split itself. */
function toCommonJs(): { esbuildPlugin: EsbuildPlugin; plugin: Plugin } {
  let esbuild: Esbuild | undefined;
  return {
    esbuildPlugin: {
      name: 'to-common-js',
      setup(build) {
        esbuild = build.esbuild;
      },
    },
    plugin: {
      name: 'to-common-js',
      async renderChunk(code, { type }) {
        if (type !== 'chunk') return undefined;
        return esbuild?.transform(code, {
          format: 'cjs',
          platform: 'node',
          target: 'node20',
          minify: true,
          supported: { 'dynamic-import': false },
          define: { 'import.meta.url': '__fileUrl' },
          banner: "'use strict';const __fileUrl='file://'+__filename;",
        });
      },
    },
  };
}

/**
 * The command, as CommonJS: Node loads that about 5 ms faster than ES modules. What a command
 * imports dynamically is in files of its own, so that `state` does not load the compiler.
 */
function command(): Options {
  const { esbuildPlugin, plugin } = toCommonJs();
  return {
    entry: { main: 'src/cli/main.ts' },
    outDir: 'dist/cli',
    outExtension: () => ({ js: '.cjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    splitting: true,
    minify: true,
    // Else tsup resolves Node's own modules before the plugin above can.
    removeNodeProtocol: false,
    noExternal: [/^(?!koffi)/],
    external: [/^koffi/],
    esbuildPlugins: [withoutChildProcess, esbuildPlugin],
    plugins: [plugin],
    esbuildOptions(options) {
      options.conditions = ['@oci/source'];
    },
  };
}

/** What the wrapper script runs: it loads the command. */
const entry: Options = {
  entry: { entry: 'src/cli/entry.ts' },
  outDir: 'dist/cli',
  outExtension: () => ({ js: '.cjs' }),
  format: 'cjs',
  target: 'node20',
  platform: 'node',
  minify: true,
};

export default defineConfig([
  { ...library({ index: 'src/index.ts' }), clean: ['!cli/**'] },
  // Both builds run at once, so neither may clean up after the other.
  { ...command(), clean: false },
  entry,
]);
