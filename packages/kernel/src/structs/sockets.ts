import { AF_UNIX, SCM_RIGHTS, SOL_SOCKET } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import { type Field, Struct } from '../struct.ts';
import type { Fd, Value } from '../values.ts';

/** Bytes of `sun_path`, with its NUL. */
const LONGEST_PATH = 108;
const FAMILY_BYTES = 2;

/**
 * `struct sockaddr_un` (unix(7)): the family, then the path with its NUL.
 *
 * @throws RangeError when the path does not fit
 */
export function unixAddress(path: string): Uint8Array {
  const bytes = Buffer.from(`${path}\0`);
  if (bytes.length > LONGEST_PATH)
    throw new RangeError(`the path of a socket has more than ${LONGEST_PATH - 1} bytes: ${path}`);
  const address = Buffer.alloc(FAMILY_BYTES + bytes.length);
  address.writeUInt16LE(AF_UNIX);
  bytes.copy(address, FAMILY_BYTES);
  return address;
}

/** `struct msghdr` (sendmsg(2)), 56 bytes, of one buffer and one descriptor. */
export function descriptorMessage(data: Uint8Array | Memory, count: Value, fd: Fd): Struct {
  const iov = new Struct('iovec', 16, [
    { name: 'iov_base', offset: 0, width: 8, value: data },
    { name: 'iov_len', offset: 8, width: 8, value: count },
  ]);
  return new Struct('msghdr', 56, [
    { name: 'msg_iov', offset: 16, width: 8, value: iov },
    { name: 'msg_iovlen', offset: 24, width: 8, value: 1 },
    { name: 'msg_control', offset: 32, width: 8, value: descriptorControl(fd) },
    { name: 'msg_controllen', offset: 40, width: 8, value: 24 },
  ]);
}

/** The same for recvmsg(2), which writes to it: what is received goes to `data` and `control`. */
export function receivingMessage(data: Memory, control: Memory): Struct {
  const iov = new Struct('iovec', 16, [
    { name: 'iov_base', offset: 0, width: 8, value: data },
    { name: 'iov_len', offset: 8, width: 8, value: data.size },
  ]);
  const fields: Field[] = [
    { name: 'msg_iov', offset: 16, width: 8, value: iov },
    { name: 'msg_iovlen', offset: 24, width: 8, value: 1 },
    { name: 'msg_control', offset: 32, width: 8, value: control },
    { name: 'msg_controllen', offset: 40, width: 8, value: control.size },
  ];
  return new Struct('msghdr', 56, fields, { written: true });
}

/** `struct cmsghdr` (cmsg(3)) with one descriptor, padded to 24 bytes. */
function descriptorControl(fd: Fd): Struct {
  return new Struct('cmsghdr', 24, [
    { name: 'cmsg_len', offset: 0, width: 8, value: 20 },
    { name: 'cmsg_level', offset: 8, width: 4, value: SOL_SOCKET },
    { name: 'cmsg_type', offset: 12, width: 4, value: SCM_RIGHTS },
    { name: 'fd', offset: 16, width: 4, value: fd },
  ]);
}
