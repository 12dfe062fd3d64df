import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failedWith, LOCK_EX, LOCK_NB } from '@oci/kernel';
import { ContainerError, notFound } from './errors.ts';
import type { StoreKernel } from './kernel.ts';
import type { ContainerStore } from './store.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/** How often a lock that another command holds is tried again, in milliseconds. */
const interval = 10;

/**
 * Runs `body` while nobody else changes the container.
 *
 * @throws ContainerError when there is none, or it stays in other hands.
 */
export async function withContainer<T>(
  store: ContainerStore,
  id: string,
  kernel: StoreKernel,
  body: () => T | Promise<T>,
): Promise<T> {
  return withLock(store.directory(id), kernel, store.patience, body);
}

/**
 * Runs `body` while no other command, and no launcher that creates the container, works in this
 * directory. The lock is the kernel's, on the directory itself: it ends with its holder.
 *
 * @throws ContainerError when the directory is not there, or stays locked.
 */
export async function withLock<T>(
  directory: string,
  kernel: StoreKernel,
  patience: number,
  body: () => T | Promise<T>,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const fd = openDirectory(directory);
    try {
      if (tryLock(fd, kernel)) {
        // While we waited the directory may have been removed, or made anew.
        if (isStill(fd, directory)) return await body();
        continue;
      }
    } finally {
      closeSync(fd);
    }
    if (Date.now() >= deadline) {
      throw new ContainerError('BUSY', 'container is in use by another command');
    }
    await sleep(interval);
  }
}

function openDirectory(directory: string): number {
  try {
    return openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw notFound();
    throw error;
  }
}

function tryLock(fd: number, kernel: StoreKernel): boolean {
  try {
    kernel.flock(fd, LOCK_EX | LOCK_NB);
    return true;
  } catch (error) {
    if (failedWith(error, 'EAGAIN', 'EWOULDBLOCK', 'EINTR')) return false;
    throw error;
  }
}

function isStill(fd: number, directory: string): boolean {
  const now = lstatSync(directory, { throwIfNoEntry: false });
  const opened = fstatSync(fd);
  return now !== undefined && now.ino === opened.ino && now.dev === opened.dev;
}
