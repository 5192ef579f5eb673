/**
 * Values that may be here already. In memory everything is, and handling a message at once costs no turn of the
 * event loop; behind Redis a promise stands for it.
 */
export type MaybePromise<T> = T | Promise<T>;

/** What `then` makes of the value: at once where it is here, else when it comes. */
export function whenReady<T, R>(
  value: MaybePromise<T>,
  then: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(then) : then(value);
}
