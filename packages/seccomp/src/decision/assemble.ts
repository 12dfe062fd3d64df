import {
  BPF_ABS,
  BPF_ALU,
  BPF_AND,
  BPF_JA,
  BPF_JEQ,
  BPF_JGE,
  BPF_JMP,
  BPF_JSET,
  BPF_LD,
  BPF_RET,
} from '../bpf/opcodes.ts';
import { INSTRUCTION_SIZE } from '../filter.ts';
import { bottomUp, type Decision, type MaskTest } from './decision.ts';
import { type Branch, buildTree } from './tree.ts';

/** Where an instruction is, counted from the filter's last, which is 0. */
type Place = number;

/**
 * How far away a conditional jump may be put from a target. It reaches one further, which is kept
 * for an instruction that its other target may need in between.
 */
const REACH = 255;

/** Decisions of more depth are not to be followed by recursion: the stack has its end. */
const DEEP = 200;

/**
 * Lays a decision out as a filter's bytes. Jumps lead forward only, so instructions are put down from
 * the last to the first: what a jump leads to is there already, once, at a known place.
 */
export function assemble(decision: Decision): Uint8Array {
  const assembler = new Assembler();
  if (decision.depth > DEEP) for (const each of bottomUp(decision)) assembler.prepare(each);
  assembler.place(decision, undefined);
  return assembler.toBytes();
}

class Assembler {
  /** Two words an instruction, the last instruction first. */
  readonly #words: number[] = [];
  /** Where to jump to for a decision. */
  readonly #places = new Map<Decision, Place>();
  /** Where to jump to if the accumulator holds the decision's word already. */
  readonly #loaded = new Map<Decision, Place>();
  /** For places that were too far away: where the last step towards them was put. */
  readonly #nearest = new Map<Place, Place>();

  /**
   * Puts a decision down unless it is there.
   * @param accumulator the word of `seccomp_data` that the accumulator holds on arrival
   * @returns where to jump to
   */
  place(decision: Decision, accumulator: number | undefined): Place {
    const isLoaded = decision.kind === 'verdict' || decision.word === accumulator;
    const known = (isLoaded ? this.#loaded : this.#places).get(decision);
    if (known !== undefined) return known;
    const start = this.prepare(decision);
    if (isLoaded) return start;
    if (start !== this.#next - 1) this.#jump(start);
    const load = this.#put(BPF_LD + BPF_ABS, decision.word);
    this.#places.set(decision, load);
    return load;
  }

  /**
   * Puts a decision down, without the load of its word, unless it is there.
   * @returns where to jump to if the accumulator holds the word
   */
  prepare(decision: Decision): Place {
    let start = this.#loaded.get(decision);
    if (start === undefined) {
      start = this.#body(decision);
      this.#loaded.set(decision, start);
    }
    return start;
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#next * INSTRUCTION_SIZE);
    const view = new DataView(bytes.buffer);
    for (let offset = 0, i = this.#words.length - 2; i >= 0; i -= 2, offset += INSTRUCTION_SIZE) {
      view.setUint32(offset, this.#words[i] ?? 0, true);
      view.setUint32(offset + 4, this.#words[i + 1] ?? 0, true);
    }
    return bytes;
  }

  /** All but the load of the decision's word. */
  #body(decision: Decision): Place {
    switch (decision.kind) {
      case 'verdict':
        return this.#put(BPF_RET, decision.value);
      case 'switch':
        return this.#branch(buildTree(decision), decision.word);
      case 'mask':
        return this.#mask(decision);
    }
  }

  #branch(branch: Branch, word: number): Place {
    if (branch.kind !== 'test') return this.place(branch, word);
    // The likely way is put down last: it is then next, never behind a jump of its own.
    const [first, last] = branch.likely ? [branch.no, branch.yes] : [branch.yes, branch.no];
    const [far, near] = [this.#branch(first, word), this.#branch(last, word)];
    const [yes, no] = branch.likely ? [near, far] : [far, near];
    return this.#compare(branch.operation === 'equal' ? BPF_JEQ : BPF_JGE, branch.k, yes, no);
  }

  #mask({ word, mask, value, yes, no }: MaskTest): Place {
    const isBit = (mask & (mask - 1)) === 0;
    if (value === 0 || (isBit && value === mask)) {
      const [unset, set] = value === 0 ? [yes, no] : [no, yes];
      const [ifUnset, ifSet] = [this.place(unset, word), this.place(set, word)];
      return this.#compare(BPF_JSET, mask, ifSet, ifUnset);
    }
    const [ifNot, ifSo] = [this.place(no, undefined), this.place(yes, undefined)];
    this.#compare(BPF_JEQ, value, ifSo, ifNot);
    return this.#put(BPF_ALU + BPF_AND, mask);
  }

  #compare(operation: number, k: number, yes: Place, no: Place): Place {
    const [nearYes, nearNo] = [this.#reach(yes), this.#reach(no)];
    const [jt, jf] = [this.#next - 1 - nearYes, this.#next - 1 - nearNo];
    return this.#put(BPF_JMP + operation, k, jt, jf);
  }

  /** A place from which the next instruction gets to `place`, by way of a jump if it is too far. */
  #reach(place: Place): Place {
    const nearest = this.#nearest.get(place) ?? place;
    if (this.#next - nearest <= REACH) return nearest;
    const step = this.#jump(place);
    this.#nearest.set(place, step);
    return step;
  }

  /** A jump of any length. To a `return` that is a copy of it. */
  #jump(place: Place): Place {
    const [code = 0, k = 0] = this.#words.slice(2 * place, 2 * place + 2);
    if (code === BPF_RET) return this.#put(code, k);
    return this.#put(BPF_JMP + BPF_JA, this.#next - 1 - place);
  }

  get #next(): Place {
    return this.#words.length / 2;
  }

  #put(code: number, k: number, jt = 0, jf = 0): Place {
    this.#words.push(code | (jt << 16) | (jf << 24), k);
    return this.#next - 1;
  }
}
