import * as z from 'zod/mini';
import { int64, optionalUint16, uint64 } from '../numbers.ts';

export const WeightDevice = z.object({
  major: int64,
  minor: int64,
  weight: optionalUint16,
  leafWeight: optionalUint16,
});
export type WeightDevice = z.infer<typeof WeightDevice>;

export const ThrottleDevice = z.object({ major: int64, minor: int64, rate: uint64 });
export type ThrottleDevice = z.infer<typeof ThrottleDevice>;

const throttles = z.optional(z.array(ThrottleDevice));

/** config-linux.md, "Block IO". */
export const BlockIO = z.object({
  weight: optionalUint16,
  leafWeight: optionalUint16,
  weightDevice: z.optional(z.array(WeightDevice)),
  throttleReadBpsDevice: throttles,
  throttleWriteBpsDevice: throttles,
  throttleReadIOPSDevice: throttles,
  throttleWriteIOPSDevice: throttles,
});
export type BlockIO = z.infer<typeof BlockIO>;
