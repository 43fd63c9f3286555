/** Actions of the buttons in a row. One object serves all renderings, so rows can compare it. */
export interface RowActions {
  readonly discard: (id: string) => void;
  readonly retry: (id: string) => void;
  readonly retryOlder: () => void;
}
