/** An argument that cannot be read. Its sentence says which, and what it must be. */
export class WrongArgument extends Error {
  override name = 'WrongArgument';
}
