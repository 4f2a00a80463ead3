/**
 * How numbers are written, by Python's format specs as far as they matter here: an optional comma for groups
 * of thousands, `.2` for decimals, and `f`, `%` or `e`. Only what is shown changes, never a cell.
 */
const SPEC = /^(,?)(?:\.(\d{1,2}))?([fe%]?)$/;

export const FORMATS: readonly (readonly [string, string])[] = [
  ['', '12345.678'],
  [',', '12,345.678'],
  [',.0f', '12,346'],
  [',.2f', '12,345.68'],
  ['.1%', '12.3%'],
  ['.2e', '1.23e+4'],
];

const writers = new Map<string, (number: number) => string>();

/** A number's text by a spec; undefined where the spec says nothing that is known. */
export const formatNumber = (number: number, spec: string): string | undefined => {
  let write = writers.get(spec);
  if (!write) {
    const match = SPEC.exec(spec);
    if (!match || spec === '') return undefined;
    write = writerOf(match[1] === ',', match[2], match[3] ?? '');
    writers.set(spec, write);
  }
  return write(number);
};

const writerOf = (
  useGrouping: boolean,
  decimals: string | undefined,
  kind: string,
): ((number: number) => string) => {
  if (kind === 'e') return (number) => number.toExponential(Number(decimals ?? 6));
  const isFixed = kind !== '' || decimals !== undefined;
  const digits = Number(decimals ?? (kind === '' ? 0 : 6));
  const format = new Intl.NumberFormat('en', {
    useGrouping,
    style: kind === '%' ? 'percent' : 'decimal',
    minimumFractionDigits: isFixed ? digits : 0,
    maximumFractionDigits: isFixed ? digits : 20,
  });
  return (number) => format.format(number);
};
