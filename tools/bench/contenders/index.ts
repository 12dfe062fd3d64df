import type { Contender } from '../contender.ts';
import { Crun } from './crun.ts';
import { Floor } from './floor.ts';
import { Library } from './library.ts';
import { NodeAlone } from './node.ts';
import { ColdCli, KeptLauncher } from './ocirun.ts';
import { Runc } from './runc.ts';

export function allContenders(): readonly Contender[] {
  return [
    new Floor(),
    new KeptLauncher(),
    new Library(),
    new ColdCli('again'),
    new ColdCli('for the first time'),
    new NodeAlone(),
    new Crun('without cgroups'),
    new Crun('with cgroups'),
    new Runc(),
  ];
}
