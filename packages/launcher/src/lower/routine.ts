import type { RoutineProgram } from '../program.ts';
import type { Context } from './context.ts';
import { StepLowering } from './steps.ts';

/**
 * Lowers what several places run. It returns to them also when it failed: each of them knows what it
 * was doing, and which errors it handles.
 */
export function lowerRoutine(context: Context, { name, steps }: RoutineProgram): void {
  const { emit, messages, raised } = context;
  const label = emit.label(`${name} failed`);
  const lowering = new StepLowering(context, {
    name,
    failed: raised,
    label,
    message: (doing, last) => messages.last(last, doing),
    prefix: (doing) => messages.prefix(doing),
  });
  lowering.lower(steps, () => {
    emit.move(raised.message, 0);
    emit.return();
  });
  emit.place(label);
  emit.return();
}
