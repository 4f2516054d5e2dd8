import { GmnmError, reasonOf } from "../errors.ts";

/** The command was written wrongly: the command line ends with 2, where other failures end with 1. */
export class UsageError extends GmnmError {
  override name = "UsageError";
}

/** Runs what reads the user's wishes: what it refuses is a wrong usage. */
export async function asUsage<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof GmnmError)) throw error;
    throw new UsageError(reasonOf(error), { cause: error });
  }
}
