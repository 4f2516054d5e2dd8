import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { GmnmError } from "../errors.ts";

/**
 * The folder of real data sets: --data, else GMNM_DATA, else ../shared/data where it exists.
 * @throws GmnmError when a folder was named that does not exist: to fall back to generated data then would surprise.
 */
export function findData(option: string | undefined): string | undefined {
  const named = option ?? process.env.GMNM_DATA;
  if (named === undefined) return existsSync("../shared/data") ? resolve("../shared/data") : undefined;
  if (!existsSync(named))
    throw new GmnmError(`there is no data folder ${named} (from ${option ? "--data" : "GMNM_DATA"})`);
  return resolve(named);
}
