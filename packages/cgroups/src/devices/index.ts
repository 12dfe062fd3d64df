export { type Access, formatAccess, parseAccess } from './access.ts';
export { type AttachOptions, attachDeviceProgram, hasDeviceProgram } from './attach.ts';
export { disassemble } from './disassemble.ts';
export { encode, type Instruction } from './ebpf.ts';
export { decode } from './ebpf-decode.ts';
export { deviceProgram } from './program.ts';
export { checkDeviceNumbers, type DeviceRule, deviceRules } from './rules.ts';
export { type DeviceAccess, simulate, type Verdict } from './simulate.ts';
export {
  changesDefault,
  checkDeviceList,
  deviceChanges,
  deviceSettings,
  inverseOf,
} from './v1.ts';
