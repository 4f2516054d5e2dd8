import "./single-thread.ts";
import { expose } from "comlink";
import { TrainingEngine } from "./engine.ts";

expose(new TrainingEngine());
