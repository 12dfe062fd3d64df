import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ModuleKind, ScriptTarget, transpile } from 'typescript';
import { type Outcome, run } from './ocirun.ts';

const workspace = fileURLToPath(new URL('../..', import.meta.url));

/** The folders that have an API and a README: `packages/kernel`. */
export const documented: readonly string[] = [
  ...readdirSync(`${workspace}/packages`).map((name) => `packages/${name}`),
  'apps/runtime',
];

/** What is in a README between fences of a language. */
export function fenced(folder: string, language: string): string[] {
  const readme = readFileSync(`${workspace}/${folder}/README.md`, 'utf8');
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...readme.matchAll(fence)].map(([, text = '']) => text);
}

/** The examples that are whole programs, so that they begin with what they import. */
export function examples(folder: string): string[] {
  return fenced(folder, 'ts').filter((code) => code.startsWith('import '));
}

/**
 * What an example says that it prints: comments at the end of lines with `console.log`, and those on
 * lines of their own right beneath code. Beneath an empty line, and at the beginning, they explain.
 */
export function promises(code: string): string[] {
  const promised: string[] = [];
  let explains = true;
  for (const line of code.split('\n')) {
    const [, own] = /^\s*\/\/ (.*)$/.exec(line) ?? [];
    const [, printed] = /console\.log\(.*; \/\/ (.*)$/.exec(line) ?? [];
    if (own !== undefined && !explains) promised.push(own);
    if (own === undefined) explains = line === '';
    if (printed !== undefined) promised.push(printed);
  }
  return promised;
}

/** `…` stands for anything in a line, and alone for any lines. Numbers may be padded. */
export function printing(promised: readonly string[]): RegExp {
  const lines = promised.map((line) => {
    if (line === '…') return '(.*\\n)*?';
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return ` *${parts.join('.*')}\\n`;
  });
  return new RegExp(`^${lines.join('')}$`);
}

/** Runs an example with the packages as they were built. Its two outputs are one here. */
export async function runExample(folder: string, code: string): Promise<Outcome> {
  const script = transpile(code, { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 });
  const node = [process.execPath, '--input-type=module', '-e', script];
  return run('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...node], {
    cwd: `${workspace}/${folder}`,
    env: { ...process.env, FORCE_COLOR: '0', NODE_OPTIONS: '' },
    timeout: 40_000,
  });
}

/** Makes the bundle that a README shows the config of. */
export function makeBundle(folder: string, path: string): void {
  mkdirSync(`${path}/rootfs`, { recursive: true });
  const [config = ''] = fenced(folder, 'json');
  writeFileSync(`${path}/config.json`, config);
}
