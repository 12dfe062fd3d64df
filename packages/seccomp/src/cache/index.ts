export { FilterCache, type FilterCacheOptions } from './filter-cache.ts';
