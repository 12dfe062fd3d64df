/** What compiles and starts containers: loaded only by the commands that do. */
export interface Engine {
  readonly compileBundle: typeof import('../compile.ts')['compileBundle'];
  readonly describeProgram: typeof import('../compile.ts')['describeProgram'];
  readonly become: typeof import('../launch.ts')['become'];
}

export async function loadEngine(): Promise<Engine> {
  const { compileBundle, describeProgram } = await import('../compile.ts');
  const { become } = await import('../launch.ts');
  return { compileBundle, describeProgram, become };
}
