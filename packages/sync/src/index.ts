export { Channel, type ChannelOptions } from './channel.ts';
export {
  type ConsoleStages,
  consoleRelayStages,
  consoleSocketStages,
  LONGEST_SOCKET_PATH,
} from './console.ts';
export { EXEC_FIFO, execFifoStages } from './exec-fifo.ts';
export { stopIfInterrupted } from './interruption.ts';
export { pidFileStage } from './pid-file.ts';
export { superviseTerminal } from './relay.ts';
export { startTime } from './start-time.ts';
export { prepareToSupervise, supervise } from './supervise.ts';
export { findTerminal, type UserTerminal } from './terminal.ts';
