import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
} from '@oci/kernel';
import { describe, expect, it } from 'vitest';
import { attributeChanges } from '../src/attributes.ts';
import { mountOptions } from '../src/option-table.ts';
import { parseOptions } from '../src/options.ts';

/** The table of config.md (runtime-spec 1.3.0), in its order. */
const specified = `async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand
  noatime nodev nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid
  nosymfollow private ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodiratime
  rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared
  rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow
  sync tmpcopyup unbindable idmap ridmap`.split(/\s+/);

describe('the option table', () => {
  it('has every option of the specification', () => {
    expect(specified).toHaveLength(61);
    expect(specified.filter((option) => !Object.hasOwn(mountOptions, option))).toEqual([]);
  });

  it('has those that runc and crun add', () => {
    const added = ['acl', 'noacl', 'src-nofollow', 'dest-nofollow'];
    expect(added.filter((option) => !Object.hasOwn(mountOptions, option))).toEqual([]);
  });

  it('takes no access-time mode without clearing the field', () => {
    // mount_setattr(2) refuses that with EINVAL.
    for (const [name, { set = 0, clear = 0 }] of Object.entries(mountOptions))
      if ((set | clear) & MOUNT_ATTR__ATIME)
        expect([name, clear & MOUNT_ATTR__ATIME]).toEqual([name, MOUNT_ATTR__ATIME]);
  });

  it('does not take what objects inherit for options', () => {
    expect(parseOptions(['constructor']).data).toEqual([{ key: 'constructor', value: undefined }]);
  });
});

describe('parseOptions', () => {
  it('lets the later of two opposites win', () => {
    expect(parseOptions(['ro', 'rw']).attributes).toEqual({ set: 0, clear: MOUNT_ATTR_RDONLY });
    expect(parseOptions(['rw', 'ro']).attributes).toEqual({ set: MOUNT_ATTR_RDONLY, clear: 0 });
    expect(parseOptions(['ro', 'rw']).superblock).toEqual(new Map([['ro', false]]));
  });

  it('keeps one access-time mode', () => {
    const clear = MOUNT_ATTR__ATIME;
    expect(parseOptions(['noatime', 'strictatime']).attributes).toEqual({
      set: MOUNT_ATTR_STRICTATIME,
      clear,
    });
    expect(parseOptions(['noatime', 'atime']).attributes).toEqual({ set: 0, clear });
    expect(parseOptions(['noatime', 'nosuid']).attributes).toEqual({
      set: MOUNT_ATTR_NOATIME | MOUNT_ATTR_NOSUID,
      clear,
    });
  });

  it('keeps recursive attributes apart', () => {
    const { attributes, recursive } = parseOptions(['rbind', 'nosuid', 'rro', 'rdev']);
    expect(attributes).toEqual({ set: MOUNT_ATTR_NOSUID, clear: 0 });
    expect(recursive).toEqual({ set: MOUNT_ATTR_RDONLY, clear: MOUNT_ATTR_NODEV });
  });

  it('binds all beneath when either option says so', () => {
    expect(parseOptions(['rbind', 'bind']).bind).toBe('tree');
    expect(parseOptions(['bind']).bind).toBe('mount');
    expect(parseOptions([]).bind).toBeUndefined();
  });

  it('splits data as mount(2) does', () => {
    expect(
      parseOptions(['mode=755,size=1m', 'huge', 'context=a=b', 'lowerdir=/a\\,b']).data,
    ).toEqual([
      { key: 'mode', value: '755' },
      { key: 'size', value: '1m' },
      { key: 'huge', value: undefined },
      { key: 'context', value: 'a=b' },
      { key: 'lowerdir', value: '/a\\,b' },
    ]);
  });
});

describe('parseOptions of what is no flag', () => {
  it('tells what is to be copied, mapped and not followed', () => {
    expect(parseOptions(['tmpcopyup'])).toMatchObject({ copyUp: true, idMap: undefined });
    expect(parseOptions(['idmap', 'src-nofollow'])).toMatchObject({
      copyUp: false,
      idMap: 'mount',
      noFollow: { source: true, destination: false },
    });
    expect(parseOptions(['ridmap', 'idmap', 'dest-nofollow'])).toMatchObject({
      idMap: 'tree',
      noFollow: { source: false, destination: true },
    });
  });

  it('leaves the commas of a label alone', () => {
    const label = 'system_u:object_r:container_file_t:s0:c1,c2';
    expect(parseOptions([`mode=755,context="${label}",size=1m`]).data).toEqual([
      { key: 'mode', value: '755' },
      { key: 'context', value: label },
      { key: 'size', value: '1m' },
    ]);
    expect(parseOptions(['odd"']).data).toEqual([{ key: 'odd"', value: undefined }]);
  });
});

describe('attributeChanges', () => {
  const changes = (options: string[], inherit = true) =>
    attributeChanges(parseOptions(options), inherit);

  it('makes none without options', () => {
    expect(changes(['rbind', 'defaults', 'sync'], false)).toEqual([]);
  });

  it('needs one call where nothing can be beneath', () => {
    expect(changes(['bind', 'nosuid', 'rro', 'rprivate'])).toEqual([
      {
        recursive: false,
        attributes: {
          set: MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY,
          clear: 0,
          propagation: MS_PRIVATE,
        },
      },
    ]);
  });

  it('keeps the order of propagation types', () => {
    expect(changes(['rbind', 'rslave', 'shared'])).toEqual([
      { recursive: true, attributes: { propagation: MS_SLAVE } },
      { recursive: false, attributes: { propagation: MS_SHARED } },
    ]);
  });

  it('adds propagation to a call that reaches as far', () => {
    expect(changes(['rbind', 'nosuid', 'rro', 'rprivate'])).toEqual([
      { recursive: false, attributes: { set: MOUNT_ATTR_NOSUID, clear: 0 } },
      {
        recursive: true,
        attributes: { set: MOUNT_ATTR_RDONLY, clear: 0, propagation: MS_PRIVATE },
      },
    ]);
  });
});
