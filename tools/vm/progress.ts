/** Says on stderr what is being done and how long it took. */
export async function during<T>(what: string, body: () => Promise<T>): Promise<T> {
  process.stderr.write(`${what} … `);
  const start = performance.now();
  try {
    const result = await body();
    process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}
