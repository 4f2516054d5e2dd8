import { GmnmError } from "../errors.ts";

const REASONS: Record<string, string> = {
  ENOENT: "no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be too large",
  EEXIST: "it exists already",
  ELOOP: "its symbolic links go in a circle",
  ENAMETOOLONG: "the name is too long",
};

/** An error of the file system as one sentence, such as `gmnm: cannot read model.safetensors: no such file or folder`. */
export function fileError(action: "read" | "write", path: string, cause: unknown): GmnmError {
  if (cause instanceof GmnmError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  return new GmnmError(`cannot ${action} ${path}: ${(code && REASONS[code]) ?? message}`, { cause });
}
