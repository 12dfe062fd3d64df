import { MSG_NOSIGNAL } from '@oci/kernel';
import type { LaneProgram } from '../program.ts';
import type { Context } from './context.ts';
import { exit, StepLowering } from './steps.ts';

/** Lowers what one task runs, and how it ends. */
export function lowerLane(context: Context, lane: LaneProgram): void {
  const { emit, messages, failed } = context;
  const { name, steps, reporting } = lane;
  const label = emit.label(`${name} reports`);
  const lowering = new StepLowering(context, {
    name,
    failed,
    label,
    // Another lane cannot see this one's memory.
    message: (doing, last) => messages.number(doing, last, reporting.by === 'message'),
    prefix: (doing) => messages.prefix(doing),
  });
  lowering.lower(steps, () => exit(emit, 0));
  emit.place(label);
  reportFailure(context, lane);
}

function reportFailure(context: Context, { reporting }: LaneProgram): void {
  const { emit, args, failed } = context;
  if (reporting.by === 'message') {
    emit.jump(failed.label);
    return;
  }
  const report = emit.zeroed(16);
  const [errno, sent] = [emit.cell('errno'), emit.cell('report')];
  emit.compute('sub', errno, 0, failed.result);
  emit.store(failed.message, report, 0, 8);
  emit.store(errno, report, 8, 8);
  const nobody = emit.label('nobody reads the report');
  const fd = args.operand(reporting.fd);
  if (reporting.by === 'write') emit.syscall('write', [fd, report, 16], sent);
  else emit.syscall('sendto', [fd, report, 16, MSG_NOSIGNAL, 0, 0], sent);
  emit.branch(sent, 'lt', 0, nobody);
  exit(emit, 1);
  // The log's path means something else where this lane is by now.
  emit.place(nobody);
  if (context.log) emit.move(args.parameter(context.log), 0);
  emit.jump(failed.label);
}
