export { LiveMemory as FakeMemory } from '../live/memory.ts';
export {
  type FakeCall,
  FakeKernel,
  type FakeOptions,
  type Matcher,
  type ScriptOptions,
} from './kernel.ts';
