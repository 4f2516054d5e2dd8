import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { GmnmError } from "../errors.ts";
import type { Model } from "../model.ts";
import {
  type AnyPreprocessing,
  decodeJsonRows,
  encodeJsonRows,
  inputShape,
  isSeries,
  type JsonRow,
  knownColumns,
} from "../table/json-rows.ts";
import { zeros } from "../tensor.ts";
import { knowsNovelty, novelty } from "../train/novelty.ts";
import { type Predictor, predictor } from "../train/predictor.ts";
import { version } from "../version.ts";
import { answerConnection, answerError, explainListening } from "./errors.ts";
import { isHostAllowed } from "./hosts.ts";
import { Metrics } from "./metrics.ts";
import { faultOf, requestSchema } from "./request-schema.ts";

/** What a server bears. */
export type ServeLimits = {
  /** Rows in one request. Default 1000; of a series no fewer than it needs. */
  rows: number;
  /** Bytes of a request's body. Default 1 MiB. */
  bodyBytes: number;
  /** Requests from one address in a minute. Default 60,000. */
  requestsPerMinute: number;
  /** Seconds in which a request must have arrived whole. Default 30. */
  requestSeconds: number;
  /** Seconds that requests under way get to end when the server stops. Default 10. */
  stopSeconds: number;
};

/** Options of {@link serve}. */
export type ServeOptions = {
  model: Model;
  preprocessing: AnyPreprocessing;
  /** The address to listen on. Default 127.0.0.1: this machine only. */
  host?: string;
  /** Default 8080; 0 for any that is free. */
  port?: number;
  /** Names under which it may be asked, beside loopback's on loopback. Default on other addresses any. */
  allowedHosts?: readonly string[];
  limits?: Partial<ServeLimits>;
};

/** A server that is listening. */
export type Server = {
  /** Such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Takes no more requests, ends those under way, frees the model. Can be called again. */
  close(): Promise<void>;
};

const LIMITS: ServeLimits = {
  rows: 1000,
  bodyBytes: 2 ** 20,
  requestsPerMinute: 60_000,
  requestSeconds: 30,
  stopSeconds: 10,
};

/**
 * Serves a model over HTTP, as JSON: `POST /predict` with `{"rows": [{column: value, …}]}` says `{"predictions": […]}` in their order, and with
 * `"novelty": true` how far each row lies from the Gaussians of a mixture; `GET /schema` says what a request may look like, `GET /health` that it
 * runs, `GET /metrics` what it did, for Prometheus. Bad requests get 4xx and `{"error": "one sentence"}`.
 *
 * @example
 * ```ts
 * const server = await serve({ model, preprocessing, port: 8080 });
 * await stopOnSignals(server);
 * ```
 * @throws GmnmError when the port is taken, or the preprocessing does not fit the model.
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { model, preprocessing, host = "127.0.0.1", port = 8080, allowedHosts } = options;
  const limits = { ...LIMITS, ...options.limits };
  if (isSeries(preprocessing)) limits.rows = Math.max(limits.rows, preprocessing.lookback);
  const say = await predictor(model, { batchSize: isSeries(preprocessing) ? 8 : 64 });
  const requestTimeout = limits.requestSeconds * 1000;
  try {
    await expectFit(say, preprocessing);
    const app = fastify({
      bodyLimit: limits.bodyBytes,
      requestTimeout,
      // Left to itself, Node looks for late requests every half minute, and gives each the longer of its two timeouts.
      http: { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval: 1000 },
      // Ours is the one sentence about a fault; nothing is converted, dropped or filled in.
      ajv: {
        customOptions: {
          coerceTypes: false,
          removeAdditional: false,
          useDefaults: false,
          allErrors: false,
          verbose: true,
          allowUnionTypes: true,
        },
      },
      schemaErrorFormatter: (faults) => new Error(faultOf(faults, preprocessing)),
      // `__proto__` is one more column that is not there; rows are only read, by name.
      onProtoPoisoning: "ignore",
      onConstructorPoisoning: "ignore",
      forceCloseConnections: "idle",
      exposeHeadRoutes: false,
      clientErrorHandler: answerConnection,
      frameworkErrors: (error, _, reply) => answerError(error, reply as FastifyReply),
    });
    app.removeContentTypeParser("text/plain");
    const metrics = new Metrics();
    app.addHook("onRequest", async (request, reply) => {
      if (isHostAllowed(request.headers.host, host, allowedHosts)) return;
      await reply.code(403).send({ error: "this server is not to be reached under that name" });
    });
    app.addHook("onResponse", async (request, reply) => {
      const route = request.routeOptions.url ?? "other";
      metrics.countRequest(
        route === "other" ? "any" : request.method,
        route,
        reply.statusCode,
        reply.elapsedTime / 1000,
      );
    });
    app.setErrorHandler((error: FastifyError, _, reply) => answerError(error, reply));
    await app.register(rateLimit, {
      max: limits.requestsPerMinute,
      timeWindow: 60_000,
      errorResponseBuilder: (_, { max, ttl }) =>
        Object.assign(new Error(`at most ${max} requests in a minute; try again in ${Math.ceil(ttl / 1000)} s`), {
          statusCode: 429,
        }),
    });
    addRoutes(app, { say, metrics, limits, model, preprocessing });
    const url = await app.listen({ host, port });
    return { url, close: closing(app, say, limits.stopSeconds) };
  } catch (error) {
    await say.dispose();
    throw explainListening(error, host, port);
  }
}

/** What answers requests. */
type Parts = {
  say: Predictor;
  metrics: Metrics;
  limits: ServeLimits;
  model: Model;
  preprocessing: AnyPreprocessing;
};

function addRoutes(app: FastifyInstance, { say, metrics, limits, model, preprocessing }: Parts): void {
  const mixture = !isSeries(preprocessing) && knowsNovelty(model);
  const body = requestSchema(preprocessing, limits.rows, mixture);
  const summary = { ...describe(preprocessing), request: body };

  app.post<{ Body: { rows: JsonRow[]; novelty?: boolean } }>(
    "/predict",
    { schema: { body } },
    async ({ body: asked }) => {
      const x = encodeJsonRows(asked.rows, preprocessing);
      const predictions = decodeJsonRows(await say(x), preprocessing);
      metrics.countRows(predictions.length);
      return { predictions, ...(asked.novelty && { novelty: [...novelty(model, x)] }) };
    },
  );
  app.get("/schema", async () => summary);
  app.get("/health", { config: { rateLimit: false } }, async () => ({ status: "ok", version }));
  app.get("/metrics", async (_, reply) => {
    reply.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return metrics.text();
  });

  const methods: Record<string, string> = { "/predict": "POST", "/schema": "GET", "/health": "GET", "/metrics": "GET" };
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split("?", 1)[0];
    if (Object.hasOwn(methods, path)) {
      const allowed = methods[path];
      return reply
        .code(405)
        .header("allow", allowed)
        .send({ error: `${path} takes ${allowed} only` });
    }
    return reply.code(404).send({ error: `there is nothing here; there are ${Object.keys(methods).join(", ")}` });
  });
}

/** What the model predicts, and in which form. */
function describe(preprocessing: AnyPreprocessing) {
  const { read } = knownColumns(preprocessing);
  if (isSeries(preprocessing)) {
    const { lookback, horizon, targets, columns } = preprocessing;
    return { task: "forecast", lookback, horizon, columns: read, targets: targets.map((place) => columns[place].name) };
  }
  const { target } = preprocessing;
  return target.kind === "classes"
    ? { task: "classification", columns: read, target: target.name, classes: target.classes }
    : { task: "regression", columns: read, targets: target.columns.map(({ name }) => name) };
}

/** Compiles the model before anyone waits for it, and sees that it takes these columns and gives these targets. */
async function expectFit(say: Predictor, preprocessing: AnyPreprocessing): Promise<void> {
  const { shape } = await say(zeros([1, ...inputShape(preprocessing)]));
  const { horizon, targets } = isSeries(preprocessing) ? preprocessing : { horizon: undefined, targets: [] };
  const expected = isSeries(preprocessing)
    ? [1, horizon, targets.length]
    : [
        1,
        preprocessing.target.kind === "classes"
          ? preprocessing.target.classes.length
          : preprocessing.target.columns.length,
      ];
  if (String(shape) === String(expected)) return;
  throw new GmnmError(
    `the preprocessing does not belong to the model: it expects outputs of shape (${expected.join(", ")}), got (${shape.join(", ")})`,
  );
}

/** Ends once; what hangs is cut off after a while. */
function closing(app: FastifyInstance, say: Predictor, stopSeconds: number): () => Promise<void> {
  let ending: Promise<void> | undefined;
  return () => {
    ending ??= (async () => {
      const cut = setTimeout(() => app.server.closeAllConnections(), stopSeconds * 1000);
      await app.close();
      clearTimeout(cut);
      await say.dispose();
    })();
    return ending;
  };
}
