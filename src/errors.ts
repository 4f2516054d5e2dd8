/** An error the user can act on: one sentence that names the thing and the numbers. The command line prints it without a stack trace. */
export class GmnmError extends Error {
  override name = "GmnmError";
  constructor(sentence: string, options?: ErrorOptions) {
    super(`gmnm: ${sentence}`, options);
  }
}
