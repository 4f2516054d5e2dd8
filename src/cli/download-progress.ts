/** `9.9 MB`, as people write sizes. */
export function showBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Shows downloads on standard error: one rewritten line per file on a terminal, a line per quarter elsewhere. */
export function downloadProgress(stream: { isTTY?: boolean; write(text: string): unknown }) {
  let isOpen = false;
  const end = () => {
    if (isOpen) stream.write("\n");
    isOpen = false;
  };
  const start = (name: string) => {
    end();
    let lastQuarter = -1;
    return (received: number, total: number | undefined) => {
      const share = total === undefined ? "" : ` of ${showBytes(total)} (${Math.floor((100 * received) / total)} %)`;
      const text = `${name}: ${showBytes(received)}${share}`;
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${text}`);
        isOpen = true;
        return;
      }
      // Of a file of unknown length, a line for every ten megabytes.
      const quarter = total === undefined ? Math.floor(received / 1e7) : Math.floor((4 * received) / total);
      if (quarter !== lastQuarter) stream.write(`${text}\n`);
      lastQuarter = quarter;
    };
  };
  return { start, end };
}
