export type ContainerErrorCode =
  | 'INVALID_ID'
  | 'INVALID_SIGNAL'
  | 'NOT_FOUND'
  | 'EXISTS'
  | 'WRONG_STATUS'
  | 'BUSY'
  | 'DAMAGED'
  | 'UNSUPPORTED';

/**
 * What a container was asked and cannot do. Messages are runc's where it has them: engines tell
 * errors apart by their words.
 */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';
  readonly code: ContainerErrorCode;

  constructor(code: ContainerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function notFound(): ContainerError {
  return new ContainerError('NOT_FOUND', 'container does not exist');
}
