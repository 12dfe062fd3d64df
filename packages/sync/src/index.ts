export { Channel, type ChannelOptions } from './channel.ts';
export { EXEC_FIFO, execFifoStages } from './exec-fifo.ts';
export { stopIfInterrupted } from './interruption.ts';
export { pidFileStage } from './pid-file.ts';
export { startTime } from './start-time.ts';
export { prepareToSupervise, supervise } from './supervise.ts';
