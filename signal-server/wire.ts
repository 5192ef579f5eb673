/** What a connection needs of its socket: no `ws` here, so that tests are the other end themselves. */
export interface Wire {
  /** Bytes that the other end has not taken yet. */
  readonly bufferedAmount: number;
  /** Bytes that came and wait to be read. */
  readonly unreadBytes: number;
  /** `isAscii`: it is known to hold nothing else, and need not be looked through. */
  send(text: string, isAscii?: boolean): void;
  flush(): void;
  ping(): void;
  /** Stops and goes on reading from the network. */
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}
