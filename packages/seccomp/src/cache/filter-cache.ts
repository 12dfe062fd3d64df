import { release } from 'node:os';
import { KeyedCache } from '@oci/cache';
import type { Seccomp } from '@oci/spec';
import * as z from 'zod/mini';
import { type CompiledProfile, type CompileOptions, compileFilter } from '../compile.ts';
import { Filter } from '../filter.ts';
import { syscallsKernel } from '../syscalls.ts';

/** More profiles than a host uses in turn; a filter has a few kilobytes. */
const MOST_FILTERS = 64;
const HEAD_END = '\n';

const Head = z.object({
  notifies: z.boolean(),
  skipped: z.array(z.object({ path: z.string(), name: z.string() })),
});

export interface FilterCacheOptions {
  /** Where filters are kept, of mode 0700; only in memory when absent. */
  readonly directory?: string;
  /** The version of whatever compiles, so that another compiler's filters are not used. */
  readonly version: string;
}

/**
 * Compiled filters, found again by the profile's content, the compiler's options and version, the
 * running kernel, and the system calls that the tables know.
 */
export class FilterCache {
  readonly #files: KeyedCache | undefined;
  readonly #version: string;
  readonly #compiled = new Map<string, CompiledProfile>();
  /** By profile and options, while a caller holds on to the profile. */
  readonly #known = new WeakMap<Seccomp, Map<string, CompiledProfile>>();

  constructor({ directory, version }: FilterCacheOptions) {
    this.#files =
      directory === undefined ? undefined : new KeyedCache(directory, { most: MOST_FILTERS });
    this.#version = version;
  }

  /**
   * Compiles a profile, or finds what it was compiled to. A profile that was given once must not be
   * changed.
   *
   * @throws SpecError names the JSON path of what cannot be compiled.
   */
  compile(profile: Seccomp, options: CompileOptions): CompiledProfile {
    const { architecture, newerCalls, at } = options;
    const how = JSON.stringify([architecture, newerCalls, at]);
    const known = this.#known.get(profile) ?? new Map<string, CompiledProfile>();
    let compiled = known.get(how);
    if (!compiled) {
      compiled = this.#byContent(profile, options, how);
      this.#known.set(profile, known.set(how, compiled));
    }
    return compiled;
  }

  #byContent(profile: Seccomp, options: CompileOptions, how: string): CompiledProfile {
    const origin = JSON.stringify([this.#version, syscallsKernel, release(), how]);
    const key = origin + contentOf(profile);
    const found = this.#compiled.get(key) ?? this.#read(key);
    if (found) {
      this.#remember(key, found);
      return found;
    }
    const compiled = compileFilter(profile, options);
    this.#remember(key, compiled);
    this.#write(key, compiled);
    return compiled;
  }

  #remember(key: string, compiled: CompiledProfile): void {
    this.#compiled.set(key, compiled);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > MOST_FILTERS && oldest !== undefined) this.#compiled.delete(oldest);
  }

  #read(key: string): CompiledProfile | undefined {
    const content = this.#files?.find(key);
    if (!content) return undefined;
    const end = content.indexOf(HEAD_END.charCodeAt(0));
    try {
      const head: unknown = JSON.parse(Buffer.from(content.subarray(0, end)).toString());
      return {
        ...z.parse(Head, head),
        filter: new Filter(new Uint8Array(content.subarray(end + 1))),
      };
    } catch {
      // Written by who had another idea of an entry: as good as none.
      return undefined;
    }
  }

  #write(key: string, { filter, ...head }: CompiledProfile): void {
    const bytes = Buffer.from(JSON.stringify(head) + HEAD_END);
    this.#files?.keep(key, Buffer.concat([bytes, filter.bytes]));
  }
}

/** Numbers beyond 2^53 are bigints, which JSON has no word for; few profiles have one. */
function contentOf(profile: Seccomp): string {
  try {
    return JSON.stringify(profile);
  } catch {
    const named = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
    return JSON.stringify(profile, named);
  }
}
