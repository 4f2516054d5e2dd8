/** What a table's model predicts: numbers, or one of several classes. */
export type TableTask = "regression" | "classification";
