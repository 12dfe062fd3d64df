import { ContainerError } from './errors.ts';

/** A file name's greatest length: an id names a directory. */
const maxLength = 255;

/** @throws ContainerError unless `id` may name a container, and so a directory. */
export function checkId(id: string): void {
  if (id === '') throw new ContainerError('INVALID_ID', 'container id cannot be empty');
  if (!/^[A-Za-z0-9_+.-]+$/.test(id) || id === '.' || id === '..') {
    throw new ContainerError('INVALID_ID', `invalid container ID format: ${JSON.stringify(id)}`);
  }
  if (id.length > maxLength) {
    throw new ContainerError('INVALID_ID', `container ID is longer than ${maxLength} characters`);
  }
}
