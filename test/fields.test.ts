import { describe, expect, it } from 'vitest';
import { createVitest } from 'vitest/node';
import { tested, untested } from './fields.ts';
import { expandBraces } from './support/expand-braces.ts';
import { schemaFields } from './support/schema-fields.ts';

const inSchema = schemaFields();
const withTests = Object.entries(tested).flatMap(([key, tests]) =>
  expandBraces(key).map((field) => [field, tests] as const),
);

function isOrIsBelow(field: string, key: string): boolean {
  return field.startsWith(key) && /^($|[.[])/.test(field.slice(key.length));
}

/** Every test there is, as `file > describe > test`, also those that are skipped on this machine. */
async function allTests(): Promise<string[]> {
  const root = import.meta.dirname;
  const vitest = await createVitest('test', { root, watch: false, reporters: [] });
  try {
    const { testModules } = await vitest.collect();
    const broken = testModules.flatMap((file) => file.errors().map(({ message }) => message));
    expect(broken).toEqual([]);
    return testModules.flatMap(({ relativeModuleId, children }) =>
      [...children.allTests()].map(({ fullName }) => `${relativeModuleId} > ${fullName}`),
    );
  } finally {
    await vitest.close();
  }
}

describe('the table of fields', () => {
  it('has every field of the specification, in one place', () => {
    const places = (field: string) => [
      ...withTests.map(([key]) => key).filter((key) => key === field),
      ...Object.keys(untested).filter((key) => isOrIsBelow(field, key)),
    ];
    const wrong = inSchema.filter((field) => places(field).length !== 1);
    expect(wrong.map((field) => `${field}: in ${places(field).join(', ') || 'none'}`)).toEqual([]);
  });

  it('has no other fields', () => {
    const unknown = [
      ...withTests.map(([field]) => field).filter((field) => !inSchema.includes(field)),
      ...Object.keys(untested).filter((key) => !inSchema.some((field) => isOrIsBelow(field, key))),
    ];
    expect(unknown).toEqual([]);
  });

  it('names tests that there are', async () => {
    const tests = await allTests();
    const exists = (name: string) =>
      tests.some((test) => test === name || test.startsWith(`${name} > `));
    const missing = withTests.flatMap(([field, names]) =>
      names.filter((name) => !exists(name)).map((name) => `${field}: ${name}`),
    );
    expect(missing).toEqual([]);
    expect(withTests.filter(([, names]) => names.length === 0)).toEqual([]);
  });
});

describe('the fields of the schemas', () => {
  it.each([
    'ociVersion',
    'annotations',
    'process.args',
    'process.rlimits[].soft',
    'mounts[].uidMappings[].hostID',
    'linux.namespaces[].path',
    'linux.netDevices.*.name',
    'linux.personality.domain',
    'linux.resources.blockIO.weightDevice[].major',
    'linux.resources.blockIO.weightDevice[].leafWeight',
    'linux.seccomp.syscalls[].args[].op',
    'windows',
  ])('have %s', (field) => {
    expect(inSchema.filter((each) => each === field)).toEqual([field]);
  });
});
