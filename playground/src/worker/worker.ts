import "./before-jax.ts";
import { expose } from "comlink";
import { TrainingEngine } from "./engine.ts";

expose(new TrainingEngine());
