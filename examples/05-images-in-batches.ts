// Images that stay bytes until a batch needs them: MNIST from a folder, or without one digits drawn by code. Nothing tuned, one seed.
// Run it with: npm run example examples/05-images-in-batches.ts [FOLDER WITH MNIST'S FOUR FILES]
import {
  accuracy,
  activation,
  adam,
  confusionMatrix,
  cosine,
  crossEntropy,
  evaluate,
  fit,
  flatten,
  glyphImages,
  imageDataset,
  imagesToTensors,
  linear,
  predict,
  readMnist,
  sequential,
} from "gmnm";

const folder = process.argv[2];
const generated = () => ({ train: glyphImages({ count: 4000, seed: 1 }), test: glyphImages({ count: 1000, seed: 2 }) });
const { train, test } = folder ? readMnist(folder) : generated();
console.log(`${train.count} images to train on, ${test.count} to test on${folder ? "" : ", generated"}`);

const layer = sequential(flatten(), linear(784, 64), activation("relu"), linear(64, 10));
const { model } = await fit(layer, imageDataset(train), {
  loss: crossEntropy,
  optimizer: adam({ learningRate: cosine(0.003) }),
  batchSize: 128,
  epochs: 5,
});

const scores = await evaluate(model, imageDataset(test), { metrics: { accuracy } });
console.log(`test accuracy: ${scores.accuracy.toFixed(3)}`);

// Which digit is taken for which, most often.
const { x, y } = imagesToTensors(test);
const counts = confusionMatrix(await predict(model, x), y);
const mistakes = counts.flatMap((row, digit) => row.map((count, taken) => ({ digit, taken, count })));
const [worst] = mistakes.filter(({ digit, taken }) => digit !== taken).sort((a, b) => b.count - a.count);
console.log(`a ${worst.digit} taken for a ${worst.taken}: ${worst.count} times`);
