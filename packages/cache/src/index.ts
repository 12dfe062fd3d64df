export { KeyedCache, type KeyedCacheOptions } from './keyed-cache.ts';
export { makeDirectory } from './make-directory.ts';
