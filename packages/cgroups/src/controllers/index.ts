import type { Controller } from '../setting.ts';
import { blockIO } from './block-io.ts';
import { cpu } from './cpu.ts';
import { cpuset } from './cpuset.ts';
import { hugetlb } from './hugetlb.ts';
import { memory } from './memory.ts';
import { netCls, netPrio } from './network.ts';
import { pids } from './pids.ts';
import { rdma } from './rdma.ts';

/** All controllers that `linux.resources` names, but for devices. */
export const controllers: readonly Controller[] = [
  memory,
  cpu,
  cpuset,
  pids,
  blockIO,
  hugetlb,
  netCls,
  netPrio,
  rdma,
];
