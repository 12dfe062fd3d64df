/**
 * Loads the command through V8's code cache, where the build has made one: what a cold command
 * would spend on compiling JavaScript is most of what it spends. A cache of another Node, or made
 * under other flags, is rejected by V8 and does no harm. Built as CommonJS.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

type Require = (name: string) => unknown;
interface Loaded {
  exports: unknown;
}
type Body = (exports: unknown, require: Require, loaded: Loaded, file: string, dir: string) => void;

const loaded = new Map<string, Loaded>();
const scripts = new Map<string, Script>();

function load(name: string): unknown {
  const known = loaded.get(name);
  if (known) return known.exports;
  const module: Loaded = { exports: {} };
  loaded.set(name, module);
  const file = join(__dirname, name);
  const text = readFileSync(file, 'utf8');
  const source = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const cachedData = readCache(file);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  scripts.set(file, script);
  const body: Body = script.runInThisContext();
  const requireBeside: Require = (wanted) =>
    wanted.startsWith('./') ? load(wanted.slice(2)) : require(wanted);
  body(module.exports, requireBeside, module, file, __dirname);
  return module.exports;
}

function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

/** The build runs some commands like this. What they have called is then in the cache. */
if (process.env.OCIRUN_WRITE_CODE_CACHE) {
  process.on('exit', () => {
    for (const [file, script] of scripts) writeFileSync(`${file}.cache`, script.createCachedData());
  });
}

load('main.cjs');
