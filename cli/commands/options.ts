/**
 * What a command can be told, as a table ([HL2]): the same one reads the arguments and writes the help. Node's own parser
 * cuts them; what it lets pass (unknown options, a missing value, one given twice) is refused here with a sentence.
 * Knows no command and no meaning of a value.
 */
import { parseArgs } from 'node:util';
import { wrongCall } from './exit.ts';

export interface Option {
  /**
   * `flag`: is there or not. `text`: has a value. `list`: the same, as often as wanted. `perhaps`: may have a value: one
   * behind `=`, or a number that follows.
   */
  readonly kind: 'flag' | 'text' | 'list' | 'perhaps';
  readonly short?: string;
  /** What the value is called in the help. */
  readonly value?: string;
  /** What it does, without a full stop. */
  readonly about: string;
  /** Whether an empty value means anything. */
  readonly empty?: boolean;
}

export type Options = Readonly<Record<string, Option>>;

export interface Operands {
  readonly least: number;
  readonly most: number;
  /** What they are called in sentences. */
  readonly what: string;
}

/** What a command was told. */
export class Call {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(operands: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.operands = operands;
    this.#values = values;
  }

  has(option: string): boolean {
    return this.#values.has(option);
  }

  /** Null: it was not given, or without a value. */
  text(option: string): string | null {
    return this.#values.get(option)?.[0] ?? null;
  }

  list(option: string): readonly string[] {
    return this.#values.get(option) ?? [];
  }

  /** The first operand; there is one where the command needs one. */
  get first(): string {
    return this.operands[0] ?? '';
  }
}

/** Throws where the arguments are none that the command can have. */
export function readCall(args: readonly string[], options: Options, operands: Operands): Call {
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const found: string[] = [];
  /** An option before it whose value may be the next number. */
  let open: string | null = null;
  for (const token of tokens) {
    const waiting: string | null = open;
    open = null;
    if (token.kind === 'positional') {
      if (waiting !== null && /^\d+$/.test(token.value)) values.set(waiting, [token.value]);
      else found.push(token.value);
    } else if (token.kind === 'option') {
      const option = knownOption(token, options);
      if (option.kind === 'perhaps' && token.value === undefined) open = token.name;
      values.set(token.name, [...(values.get(token.name) ?? []), ...valuesOf(token, option)]);
      if (values.get(token.name)?.length !== 1 && option.kind === 'text')
        throw wrongCall(`${token.rawName} is there twice. Give it once.`);
    }
  }
  checkOperands(found, operands);
  return new Call(found, values);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function parserOptions(options: Options): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  const entries = Object.entries(options).map(([name, { kind, short }]) => {
    const type = kind === 'text' || kind === 'list' ? ('string' as const) : ('boolean' as const);
    return [name, short === undefined ? { type } : { type, short }] as const;
  });
  return Object.fromEntries(entries);
}

function knownOption({ name, rawName }: OptionToken, options: Options): Option {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option !== undefined) return option;
  const near = nearest(name, Object.keys(options));
  throw wrongCall(`There is no option ${rawName}.${near === null ? '' : ` Did you mean --${near}?`}`);
}

function valuesOf({ rawName, value, inlineValue }: OptionToken, option: Option): string[] {
  if (option.kind === 'flag') {
    if (value === undefined) return [];
    throw wrongCall(`${rawName} takes no value.`);
  }
  if (option.kind === 'perhaps' && value === undefined) return [];
  // `--name --comment x`: what follows is the next option, not a name.
  const isNextOption = inlineValue !== true && /^--?[a-z]/i.test(value ?? '');
  if (value === undefined || isNextOption) {
    const given = isNextOption ? ` If it begins with a dash, write ${rawName}=${value ?? ''}.` : '';
    throw wrongCall(`${rawName} needs a value.${given}`);
  }
  if (value === '' && option.empty !== true)
    throw wrongCall(`${rawName} needs a value, and what it got is empty.`);
  return [value];
}

function checkOperands(found: readonly string[], { least, most, what }: Operands): void {
  if (found.length < least) throw wrongCall(`Say ${what}.`);
  if (found.length > most) {
    throw wrongCall(`There is more than ${what} here: ${JSON.stringify(found[most] ?? '')} is not expected.`);
  }
  if (found.includes('')) throw wrongCall(`Say ${what}: one of the arguments is empty.`);
}

/** The word that is spelt most like it; null: none is like it. */
export function nearest(word: string, known: readonly string[]): string | null {
  const typed = word.slice(0, LONGEST_WORD);
  const [best] = known
    .map((name) => ({ name, steps: stepsBetween(typed, name) }))
    .filter(({ name, steps }) => steps <= Math.max(1, Math.floor(name.length / 3)))
    .sort((one, other) => one.steps - other.steps);
  return best?.name ?? null;
}

/** What is longer is no misspelt word. */
const LONGEST_WORD = 40;

/** Levenshtein's distance. */
function stepsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const change = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
