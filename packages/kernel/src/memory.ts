/**
 * Writable bytes that the kernel fills: a Node buffer when live, a piece of the launcher's data
 * when recorded. Made by `kernel.memory`.
 */
export abstract class Memory {
  readonly size: number;
  readonly name: string;
  protected constructor(size: number, name: string) {
    this.size = size;
    this.name = name;
  }
}
