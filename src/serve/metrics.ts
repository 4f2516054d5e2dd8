// What a server measures of itself, in the text format that Prometheus reads (version 0.0.4).

/** Upper ends of the latency histogram, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts requests, their times and the rows predicted. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #buckets = new Array<number>(BUCKETS.length).fill(0);
  #seconds = 0;
  #timed = 0;
  #rows = 0;

  /** A request that was answered. `route` is one of the server's own, so that their number stays small whatever is asked for. */
  countRequest(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    this.#seconds += seconds;
    this.#timed++;
    for (const [i, end] of BUCKETS.entries()) if (seconds <= end) this.#buckets[i]++;
  }

  countRows(rows: number): void {
    this.#rows += rows;
  }

  /** All of it as text, with the memory the process holds now. */
  text(): string {
    const latency = "gmnm_http_request_duration_seconds";
    return `${[
      "# HELP gmnm_http_requests_total Requests answered.",
      "# TYPE gmnm_http_requests_total counter",
      ...[...this.#requests].map(([labels, count]) => `gmnm_http_requests_total{${labels}} ${count}`),
      `# HELP ${latency} Seconds from a request's head to the end of its answer.`,
      `# TYPE ${latency} histogram`,
      ...BUCKETS.map((end, i) => `${latency}_bucket{le="${end}"} ${this.#buckets[i]}`),
      `${latency}_bucket{le="+Inf"} ${this.#timed}`,
      `${latency}_sum ${this.#seconds}`,
      `${latency}_count ${this.#timed}`,
      "# HELP gmnm_predicted_rows_total Rows predicted.",
      "# TYPE gmnm_predicted_rows_total counter",
      `gmnm_predicted_rows_total ${this.#rows}`,
      "# HELP process_resident_memory_bytes Memory that the process holds.",
      "# TYPE process_resident_memory_bytes gauge",
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    ].join("\n")}\n`;
  }
}
