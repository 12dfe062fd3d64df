import { type AnyProvision, type Lane, Provision, type Stage } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { type Move, runLane, type Schedule, schedule } from '../src/pipeline.ts';
import { type Plan, paces, randomNumbers, randomPlan, simulate } from './simulator.ts';

function newStage(
  lane: Lane,
  name: string,
  needs: readonly AnyProvision[] = [],
  provides: readonly AnyProvision[] = [],
): Stage {
  return { name, lane, category: 'Sync', needs, provides, run: () => undefined };
}
const host = newStage.bind(undefined, 'host');
const container = newStage.bind(undefined, 'container');
const provision = (name: string) => new Provision(name);

const clone = host('clone');
const barrier = container('barrier');

const lay = (stages: readonly Stage[], sequential = false) =>
  schedule(stages, clone, { sequential, barrier });

/** The moves of both lanes as words: `fetch, post` and `wait 1, use`. */
function words({ lanes }: Schedule): Record<Lane, string> {
  const word = (move: Move) => {
    if (move.kind === 'stage') return move.stage.name;
    return move.kind === 'wait' ? `wait ${move.count}` : 'post';
  };
  return {
    host: lanes.host.map(word).join(', '),
    container: lanes.container.map(word).join(', '),
  };
}

describe('a schedule', () => {
  it('keeps the order of each lane, and signals nothing where nothing is needed', () => {
    const stages = [clone, host('a'), container('b'), container('c'), host('d'), barrier];
    expect(words(lay(stages))).toEqual({ host: 'a, d', container: 'b, c, barrier' });
  });

  it('signals where a need crosses lanes', () => {
    const maps = provision('maps');
    const ready = provision('ready');
    const stages = [
      clone,
      host('write', [], [maps]),
      container('become root', [maps]),
      container('prepare', [], [ready]),
      host('finish', [ready]),
    ];
    expect(words(lay(stages))).toEqual({
      host: 'write, post, wait 1, finish',
      container: 'wait 1, become root, prepare, post',
    });
  });

  it('does not signal what the same lane provides', () => {
    const made = provision('made');
    const stages = [clone, container('make', [], [made]), container('use', [made]), barrier];
    expect(words(lay(stages)).container).toBe('make, use, barrier');
  });

  it('does not signal what was there before the clone', () => {
    const directory = provision('directory');
    const pid = provision('pid');
    const first = host('directory', [], [directory]);
    const split = host('clone', [directory], [pid]);
    const use = container('use', [directory, pid]);
    const made = schedule([first, split, use], split, { sequential: false, barrier: use });
    expect(made.before).toEqual([first, split]);
    expect(words(made)).toEqual({ host: '', container: 'use' });
  });

  it('waits once for several needs: for the last of them', () => {
    const [a, b, c] = [provision('a'), provision('b'), provision('c')];
    const stages = [
      clone,
      host('make a', [], [a]),
      host('make b and c', [], [b, c]),
      container('use', [c, a, b]),
    ];
    expect(words(lay(stages))).toEqual({
      host: 'make a, make b and c, post',
      container: 'wait 1, use',
    });
  });

  it('does not wait again for what it has waited for, or for what came before that', () => {
    const [a, b] = [provision('a'), provision('b')];
    const stages = [
      clone,
      host('make a', [], [a]),
      host('make b', [], [b]),
      container('use b', [b]),
      container('use a', [a]),
      container('use b again', [b]),
    ];
    expect(words(lay(stages))).toEqual({
      host: 'make a, make b, post',
      container: 'wait 1, use b, use a, use b again',
    });
  });

  it('counts the signals of each lane', () => {
    const [a, b, c] = [provision('a'), provision('b'), provision('c')];
    const stages = [
      clone,
      host('make a', [], [a]),
      host('make b', [], [b]),
      container('use a', [a], [c]),
      container('use b', [b]),
      host('use c', [c]),
    ];
    expect(words(lay(stages))).toEqual({
      host: 'make a, post, make b, post, wait 1, use c',
      container: 'wait 1, use a, post, wait 2, use b',
    });
  });

  it('signals once for two that need the same', () => {
    const [a, b] = [provision('a'), provision('b')];
    const stages = [clone, host('make', [], [a, b]), container('x', [a]), container('y', [b])];
    expect(words(lay(stages))).toEqual({ host: 'make, post', container: 'wait 1, x, y' });
  });
});

describe('a sequential schedule', () => {
  it('chains all stages until the barrier, and none beyond', () => {
    const stages = [
      clone,
      host('a'),
      container('b'),
      container('c'),
      host('d'),
      barrier,
      host('e'),
      container('f'),
    ];
    expect(words(lay(stages, true))).toEqual({
      host: 'a, post, wait 1, d, post, e',
      container: 'wait 1, b, c, post, wait 2, barrier, f',
    });
  });

  it('still heeds needs behind the barrier', () => {
    const done = provision('done');
    const stages = [clone, barrier, host('a', [], [done]), host('b'), container('c', [done])];
    expect(words(lay(stages, true))).toEqual({
      host: 'a, post, b',
      container: 'barrier, wait 1, c',
    });
  });
});

describe('what cannot be scheduled', () => {
  const thing = provision('thing');

  it.each([
    ['provided by nobody', [clone, host('use', [thing])]],
    ['provided too late', [clone, container('use', [thing]), host('make', [], [thing])]],
    ['provided by itself', [clone, host('use', [thing], [thing])]],
    ['provided after the clone', [host('use', [thing]), clone, host('make', [], [thing])]],
  ])('is a need that is %s', (_, stages) => {
    expect(() => lay(stages)).toThrow('use needs thing, which no stage before it provides');
  });

  it('is a stage of the container lane before that exists', () => {
    expect(() => lay([container('early'), clone])).toThrow('early runs before its lane exists');
  });

  // The container lane would be one that nobody makes.
  it('is a list without its clone', () => {
    expect(() => lay([host('a'), container('b')])).toThrow();
  });
});

describe.each([
  ['concurrent', false],
  ['sequential', true],
])('any stages, %s,', (_, sequential) => {
  /** For many plans; the seed is what a failure has to be repeated with. */
  const forAny = (check: (plan: Plan, made: Schedule, random: () => number) => void) => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = randomNumbers(seed);
      const plan = randomPlan(random);
      try {
        check(plan, schedule(plan.stages, plan.clone, { ...plan, sequential }), random);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  };

  it('run to the end, each once and after what it needs', () => {
    forAny(({ stages }, made, random) => {
      for (const pace of paces(random() * 2 ** 31)) {
        const ran = simulate(made, pace);
        expect(new Set(ran)).toEqual(new Set(stages));
        expect(ran).toHaveLength(stages.length);
        const there = new Set<AnyProvision>();
        for (const { name, needs = [], provides = [] } of ran) {
          for (const need of needs) expect(there.has(need), `${name}: ${need.name}`).toBe(true);
          for (const provided of provides) there.add(provided);
        }
      }
    });
  });

  it('keep their order in each lane', () => {
    forAny(({ stages }, made, random) => {
      const ran = simulate(made, random);
      for (const lane of ['host', 'container'])
        expect(ran.filter((stage) => stage.lane === lane)).toEqual(
          stages.filter((stage) => stage.lane === lane),
        );
    });
  });

  // Else a lane would end, or make its exec, with something unread in its socket.
  it('read every signal', () => {
    forAny((_plan, { lanes }) => {
      for (const [lane, from] of [
        ['host', 'container'],
        ['container', 'host'],
      ] as const) {
        const waits = lanes[lane].flatMap((move) => (move.kind === 'wait' ? [move.count] : []));
        const posts = lanes[from].filter(({ kind }) => kind === 'post').length;
        expect(waits).toEqual(Array.from({ length: posts }, (_, index) => index + 1));
      }
    });
  });

  it(sequential ? 'run one after the other until the barrier' : 'wait only for a need', () => {
    forAny(({ stages, clone, barrier }, made, random) => {
      if (sequential) {
        // A stage behind the barrier may come among them: it only follows its own needs.
        const chained = stages.slice(0, stages.indexOf(barrier) + 1);
        for (const pace of paces(random() * 2 ** 31)) {
          const ran = simulate(made, pace).filter((stage) => chained.includes(stage));
          expect(ran.map(({ name }) => name)).toEqual(chained.map(({ name }) => name));
        }
        return;
      }
      const after = stages.slice(stages.indexOf(clone) + 1);
      for (const lane of ['host', 'container'] as const) {
        const moves = made.lanes[lane];
        moves.forEach((move, index) => {
          if (move.kind !== 'wait') return;
          const waiting = moves[index + 1];
          const needs = waiting?.kind === 'stage' ? (waiting.stage.needs ?? []) : [];
          const crossing = after.filter(
            (stage) => stage.lane !== lane && stage.provides?.some((each) => needs.includes(each)),
          );
          expect(crossing).not.toEqual([]);
        });
      }
    });
  });
});

describe('a lane', () => {
  it('runs its stages and signals in order', () => {
    const k = new FakeKernel();
    const noted: string[] = [];
    const stage = { ...host('a'), run: () => noted.push('a') } as Stage;
    const moves: Move[] = [{ kind: 'wait', count: 3 }, { kind: 'stage', stage }, { kind: 'post' }];
    runLane(k, 'host', moves, {
      post: (kernel, lane) => noted.push(`${lane} posts ${kernel === k}`),
      wait: (kernel, lane, count) => noted.push(`${lane} waits for ${count} ${kernel === k}`),
    });
    expect(noted).toEqual(['host waits for 3 true', 'a', 'host posts true']);
  });
});
