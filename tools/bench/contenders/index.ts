import type { Contender } from '../contender.ts';
import { Crun } from './crun.ts';
import { Floor } from './floor.ts';
import { Library } from './library.ts';
import { NodeAlone } from './node.ts';
import { ColdCli, KeptLauncher } from './ocirun.ts';
import { Runc } from './runc.ts';
import { full, plain, withCgroups, withSeccomp } from './variant.ts';

export function allContenders(): readonly Contender[] {
  return [
    new Floor(plain),
    new Floor(full),
    ...[plain, withSeccomp, withCgroups, full].map((variant) => new KeptLauncher(variant)),
    new Library(),
    new ColdCli('again'),
    new ColdCli('for the first time'),
    new NodeAlone(),
    ...[plain, withSeccomp, withCgroups, full].map((variant) => new Crun(variant)),
    ...[withCgroups, full].map((variant) => new Runc(variant)),
  ];
}
