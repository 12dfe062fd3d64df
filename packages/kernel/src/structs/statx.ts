/** The size of `struct statx` in bytes, and where its members are (statx(2)). */
export const STATX_BYTES = 256;
/** 32 bits. */
export const STX_NLINK = 16;
/** 32 bits. */
export const STX_UID = 20;
/** 32 bits. */
export const STX_GID = 24;
/** 16 bits: the type and the permissions, S_IF* and below. */
export const STX_MODE = 28;
/** 64 bits. */
export const STX_INO = 32;
/** 64 bits: a file's length in bytes. */
export const STX_SIZE = 40;
/** 32 bits: the numbers of the device that a node is. */
export const STX_RDEV_MAJOR = 128;
/** 32 bits. */
export const STX_RDEV_MINOR = 132;
