/** An entry of an archive; paths are relative to its root. */
export type Entry =
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'link'; readonly path: string; readonly target: string }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: string | Uint8Array;
    };

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/**
 * A cpio archive in the "new ASCII" format, which the kernel unpacks as its first root: for each
 * entry a header of 110 characters, the path with a zero byte, and the content, both padded to four
 * bytes. All belongs to root. Directories come before what is in them. Archives may be joined end to
 * end. (Documentation/driver-api/early-userspace/buffer-format.rst)
 */
export function archive(entries: readonly Entry[]): Buffer {
  const parts = entries.map((entry, index) => record(index + 1, entry.path, ...body(entry)));
  return Buffer.concat([...parts, record(0, 'TRAILER!!!', 0, Buffer.alloc(0))]);
}

function body(entry: Entry): [mode: number, content: Buffer] {
  switch (entry.type) {
    case 'directory':
      return [S_IFDIR | 0o755, Buffer.alloc(0)];
    case 'link':
      return [S_IFLNK | 0o777, Buffer.from(entry.target)];
    case 'file':
      return [S_IFREG | entry.mode, Buffer.from(entry.content)];
  }
}

function record(inode: number, path: string, mode: number, content: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  const [uid, gid, links, mtime, device, check] = [0, 0, 1, 0, 0, 0];
  const fields = [
    ...[inode, mode, uid, gid, links, mtime, content.length],
    ...[device, device, device, device, name.length, check],
  ];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
