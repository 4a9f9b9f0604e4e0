/** Why the simulator refused what its user asked of it. */
export type SimulatorErrorCode =
  | 'unknown_option'
  | 'invalid_option'
  | 'unknown_resource'
  | 'duplicate_gid'
  | 'unknown_webhook'
  | 'not_listening'
  | 'closed';

/** A mistake in the use of the simulator; what the simulated Asana answers over HTTP is never thrown. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Recognises a {@link SimulatorError}, also one from another copy of this package. */
export function isSimulatorError(error: unknown): error is SimulatorError {
  return error instanceof Error && error.name === 'SimulatorError';
}
